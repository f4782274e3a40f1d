#!/usr/bin/env bash
# Debian packages: .ci/debian.sh check | demo | accuracy | install PACKAGE…
# Installs what is missing when allowed to (root, or sudo without a password); otherwise prints exactly what is missing
# and what will not work without it. In CI a missing package is a failure.
set -euo pipefail

declare -A why=(
    [libseccomp2]="the reading of attachments is confined without its system-call filter (landlock and limits remain)"
    [libarchive13]="7z, rar and tar attachments wait for a person (tool_missing)"
    [tesseract-ocr-vie]="scans, photos and PDFs without a readable text layer wait for a person (tool_missing)"
    [tesseract-ocr-eng]="figures of scans are looked at by two readers instead of three: more of them wait for a person"
    [tesseract-ocr-osd]="pages scanned sideways or upside down are not turned and wait for a person"
    [unar]="rar attachments that libarchive cannot open wait for a person (tool_missing)"
    [bubblewrap]="unar is not run at all: it may only run confined"
    [chromium]="the journeys of the console in a real browser fail"
    [faketime]="a machine whose clock jumps (F27) is not tried with whole processes: its test fails"
    [systemd]="the service unit is not verified"
    [npm]="the rules of accessibility (axe-core) cannot be fetched: the checks of the console's pages fail"
    [fonts-croscore]="the generated reports of make accuracy are drawn with DejaVu's shapes instead of Times'"
    [fonts-liberation]="make accuracy and bench.agreeing lack the faces offices write in"
    [libreoffice-writer-nogui]="make accuracy cannot write doc, rtf, odt and PDF files"
    [libreoffice-calc-nogui]="make accuracy cannot write xls and ods files"
    [dovecot-imapd]="the journeys on a real IMAP server fail"
    [dovecot-lmtpd]="the journeys on a real IMAP server fail (nothing can be delivered to it)"
)

as_root() {
    if [[ $(id -u) -eq 0 ]]; then "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1; fi
}

install() {
    command -v apt-get >/dev/null || return 1
    as_root true || return 1
    echo "== installing Debian packages: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1 || {
        as_root apt-get update -qq </dev/null >/dev/null
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
    }
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

case ${1:-} in
    install) shift; install "$@"; exit ;;
    demo) wanted=(libseccomp2 libarchive13 tesseract-ocr-vie tesseract-ocr-eng tesseract-ocr-osd) ;;
    check) wanted=(libseccomp2 libarchive13 tesseract-ocr-vie tesseract-ocr-eng tesseract-ocr-osd unar bubblewrap chromium dovecot-imapd dovecot-lmtpd systemd faketime) ;;
    accuracy) wanted=(libseccomp2 libarchive13 tesseract-ocr-vie tesseract-ocr-eng tesseract-ocr-osd unar bubblewrap fonts-croscore fonts-liberation libreoffice-writer-nogui libreoffice-calc-nogui) ;;
    *) echo "usage: $0 check | demo | accuracy | install PACKAGE…" >&2; exit 2 ;;
esac

[[ $1 == check ]] && ! command -v npm >/dev/null && wanted+=(npm)

missing=()
for package in "${wanted[@]}"; do installed "$package" || missing+=("$package"); done
[[ ${#missing[@]} -eq 0 ]] && exit 0
install "${missing[@]}" && exit 0

echo "These Debian packages are missing and may not be installed by this user: ${missing[*]}" >&2
for package in "${missing[@]}"; do echo "  without $package: ${why[$package]}" >&2; done
echo "To install them: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
[[ -z ${CI:-} ]]
