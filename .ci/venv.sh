#!/usr/bin/env bash
# Makes the virtual environment: .ci/venv.sh FOLDER
# Everything is pinned with hashes in requirements.lock; nothing is installed outside FOLDER except, where Debian keeps
# the venv module apart from Python, its package python3-venv.
set -euo pipefail
folder=$1

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && works "$candidate"; then
        python=$candidate
        break
    fi
done
if [[ -z $python ]]; then
    echo "Python 3.11 or newer was not found. Install it (Debian 12, Ubuntu 24.04 and newer: apt-get install python3), or name it: make PYTHON=/path/to/python3.11 …" >&2
    exit 1
fi

if [[ ! -x $folder/bin/pip ]]; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        "$(dirname "$0")/debian.sh" install "python$version-venv" || {
            echo "The venv module of $python is missing: apt-get install python$version-venv" >&2
            exit 1
        }
    fi
    echo "== making $folder with $("$python" --version)"
    "$python" -m venv "$folder"
fi

echo "== installing the $(grep -c == requirements.lock) packages of requirements.lock into $folder (pinned, hashes checked)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }
quietly "$folder/bin/pip" install --require-hashes -r requirements.lock
echo "== installing this checkout into $folder"
quietly "$folder/bin/pip" install --no-deps --no-build-isolation -e .
