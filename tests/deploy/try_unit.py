"""The service unit under a systemd that really runs it: ``python -m tests.deploy.try_unit``, as root, by hand.

Not a test of ``make check``: it needs root and a kernel that gives namespaces. A systemd of its own is the first process of new
namespaces and knows no units but these; what it changes lies in memory and is gone with it. Inside:

1. ``deploy/cchc.sysusers`` and ``deploy/cchc.tmpfiles`` are applied as ``docs/operator.md`` says;
2. ``deploy/cchc.service`` runs as it is (but without Restart) on a Maildir and an SMTP server on the private loopback;
3. the same unit with ``cchc check`` in place of ``cchc run`` says which walls are in force and which tools are there;
4. what the log and the check said is printed.

``--memory 420M`` and ``--tasks 14`` put less than the unit allows in its place, so that both are reached: the part that wanted more is lost
or waits, the service answers the rest and is the same process at the end. (Here the kernel's first generation of control groups counts.)
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus"
CONFIG = """\
[office]
name = "Sở Nội vụ"
contact = "Phòng Cải cách hành chính"
[mailbox]
url = "maildir:///var/lib/cchc/box"
poll_seconds = 2
filed = ""
[smtp]
url = "smtp://127.0.0.1:2525?starttls=no"
from = "CCHC <cchc@tinh.example>"
[storage]
url = "sqlite:////var/lib/cchc/cchc.db"
vault = "/var/lib/cchc/vault"
[calendar]
start = {today}
[[report]]
type = "weekly"
every = "week"
form = "weekly"
due = "FRI 10:00"
[roster]
file = "/etc/cchc/roster.csv"
[notify]
secretariat = ["thuky@tinh.example"]
[web]
listen = "127.0.0.1:8017"
"""
SINK = """\
import asyncio
from aiosmtpd.controller import Controller
class Keep:
    async def handle_DATA(self, server, session, envelope):
        with open("/mnt/out/letters.txt", "ab") as file:
            file.write(envelope.content + b"\\n=====\\n")
        return "250 OK"
controller = Controller(Keep(), hostname="127.0.0.1", port=2525)
controller.start()
asyncio.new_event_loop().run_forever()
"""
BOOT = """\
set -e
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /opt
mkdir -p /opt/cchc-intake/.venv/bin /opt/cchc-intake/.venv/lib/{version}/site-packages
mount --bind {packages} /opt/cchc-intake/.venv/lib/{version}/site-packages
cp -r {root}/intake {root}/parsers {root}/storage {root}/notifier {root}/docs /opt/cchc-intake/
ln -s /usr/bin/{version} /opt/cchc-intake/.venv/bin/python
printf 'home = /usr/bin\\n' > /opt/cchc-intake/.venv/pyvenv.cfg
printf '#!/opt/cchc-intake/.venv/bin/python\\nimport sys\\nsys.path.insert(0, "/opt/cchc-intake")\\nfrom intake.cli import main\\nsys.exit(main())\\n' > /opt/cchc-intake/.venv/bin/cchc
chmod 755 /opt/cchc-intake/.venv/bin/cchc
mount --bind {work} /mnt
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/o/u /run/o/w /run/v/u /run/v/w /run/units
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/o/u,workdir=/run/o/w /etc
mount -t overlay overlay -o lowerdir=/var,upperdir=/run/v/u,workdir=/run/v/w /var
cp /mnt/units/* /run/units/
mkdir -p /etc/sysusers.d
install -m 644 {root}/deploy/cchc.sysusers /etc/sysusers.d/cchc.conf && systemd-sysusers cchc.conf
install -m 644 {root}/deploy/cchc.tmpfiles /etc/tmpfiles.d/cchc.conf
mkdir -p /etc/cchc && cp /mnt/config.toml {root}/tests/corpus/roster.csv /etc/cchc/
printf secret > /etc/cchc/imap.password; printf secret > /etc/cchc/smtp.password
systemd-tmpfiles --create cchc.conf
chgrp cchc /etc/cchc/roster.csv; chmod 640 /etc/cchc/roster.csv
cp -r /mnt/box /var/lib/cchc/box && chown -R cchc:cchc /var/lib/cchc
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup/memory /sys/fs/cgroup/pids
mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory || echo "no memory controller" >> /mnt/out/limits.txt
mount -t cgroup -o pids cgroup /sys/fs/cgroup/pids || echo "no pids controller" >> /mnt/out/limits.txt
mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys
ls -ld /var/lib/cchc /etc/cchc /etc/cchc/config.toml /etc/cchc/imap.password > /mnt/out/modes.txt
exec env -i container=lxc PATH=/usr/bin:/bin:/usr/sbin:/sbin SYSTEMD_UNIT_PATH=/run/units \\
  /lib/systemd/systemd --system --unit=try.target --log-target=console --log-level=notice --show-status=no
"""
LOOK = """\
program="/opt/cchc-intake/.venv/bin/cchc -c /etc/cchc/config.toml"
while [ $SECONDS -lt {seconds} ]; do
  sleep 1
  $program log --json --limit 50 > /mnt/out/log.new 2> /mnt/out/log.err && mv /mnt/out/log.new /mnt/out/log.json
  [ "$(grep -c '"subject"' /mnt/out/log.json)" = {mails} ] && ! grep -qE '"state": "(stored|reading|pending)"' /mnt/out/log.json && break
done
$program status --json > /mnt/out/status.json 2>&1
for file in memory/system.slice/cchc.service/memory.limit_in_bytes memory/system.slice/cchc.service/memory.failcnt \
    memory/system.slice/cchc.service/memory.oom_control pids/system.slice/cchc.service/pids.max pids/system.slice/cchc.service/pids.events; do
  echo "$file: $(tr '\\n' ' ' < /sys/fs/cgroup/$file)"
done >> /mnt/out/limits.txt 2>&1
echo "still running: $(pgrep -fc 'cchc/config.toml run')" >> /mnt/out/limits.txt
"""
APART = """\
for kind in memory pids; do
  mkdir -p /sys/fs/cgroup/$kind/{name} && echo $$ > /sys/fs/cgroup/$kind/{name}/cgroup.procs
done 2> /dev/null
exec "$@"
"""  # its own control groups: two tries do not share them
PLAIN = "[Unit]\nDescription={name}\nDefaultDependencies=no\n"
TRY = "[Unit]\nDescription=try\nRequires=sink.service cchc.service check.service look.service\n"


def units(folder: Path, memory: str, tasks: str) -> None:
    """The units of the try: the office's own, and what stands around it."""
    own = (ROOT / "deploy" / "cchc.service").read_text(encoding="utf-8")
    for key, value in (("MemoryMax", memory), ("TasksMax", tasks)):
        own = re.sub(rf"(?m)^{key}=.*$", f"{key}={value}", own) if value else own
    own = re.sub(r"^Restart=.*$", "Restart=no", own, flags=re.MULTILINE)
    service = own.replace(
        "[Service]\n", "[Service]\nStandardOutput=file:/mnt/out/run.txt\nStandardError=file:/mnt/out/run.err\n"
    )
    check = re.sub(r"(?m)^(ExecStart=.*) run$", r"\1 check", own).replace(
        "[Service]\n",
        "[Service]\nType=oneshot\nSuccessExitStatus=0 1 2\nStandardOutput=file:/mnt/out/check.txt\nStandardError=file:/mnt/out/check.txt\n",
    )
    assert "check.txt" in check
    assert "cchc/config.toml check" in check
    (folder / "cchc.service").write_text(
        service.replace("After=network-online.target\nWants=network-online.target", "After=sink.service"),
        encoding="utf-8",
    )
    (folder / "check.service").write_text(
        check.replace(
            "After=network-online.target\nWants=network-online.target", "After=sink.service\nBefore=cchc.service"
        ),
        encoding="utf-8",
    )
    (folder / "sink.service").write_text(
        "[Unit]\nDescription=sink\n[Service]\nExecStart=/opt/cchc-intake/.venv/bin/python /mnt/sink.py\n",
        encoding="utf-8",
    )
    (folder / "look.service").write_text(
        "[Unit]\nDescription=look\nAfter=cchc.service\nSuccessAction=exit-force\nFailureAction=exit-force\n[Service]\nType=oneshot\nUser=cchc\nTimeoutStartSec=infinity\n"
        "ExecStart=/bin/bash /mnt/look.sh\n",
        encoding="utf-8",
    )
    (folder / "try.target").write_text(TRY, encoding="utf-8")
    for name in ("sysinit", "basic", "shutdown", "network-online"):
        (folder / f"{name}.target").write_text(PLAIN.format(name=name), encoding="utf-8")


def box(folder: Path) -> None:
    """A Maildir with one mail of each kind the walls matter for."""
    from tests.pipeline.world import mail  # noqa: PLC0415

    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    from tests.parsers.scan_builders import png, rendered, report_pdf  # noqa: PLC0415

    files = {
        "docx": {"bc.docx": (CORPUS / "hostile/att/ok_control.docx").read_bytes()},
        "pdf": {"bc.pdf": (CORPUS / "hostile/att/ok_control.pdf").read_bytes()},
        "scan": {"bc.png": png(rendered(report_pdf(1), 150))},
        "rar": {"bc.rar": (CORPUS / "archives/rar3-solid.rar").read_bytes()},
        "7z": {"bc.7z": (CORPUS / "documents/weekly-packed.7z").read_bytes()},
    }
    for name, attached in files.items():
        (folder / "new" / name).write_bytes(mail("stc@tinh.example", f"Báo cáo {name}", attached).as_bytes())


def main() -> int:
    """Print what came of it."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=120, help="at most, until every mail is settled")
    options.add_argument("--memory", default="", help="MemoryMax of the try, such as 420M")
    options.add_argument("--tasks", default="", help="TasksMax of the try")
    told = options.parse_args()
    work = Path(tempfile.mkdtemp(prefix="try-unit-", dir="/var/tmp"))
    try:
        for name in ("units", "out"):
            (work / name).mkdir()
        (work / "out").chmod(0o777)
        units(work / "units", told.memory, told.tasks)
        box(work / "box")
        (work / "config.toml").write_text(CONFIG.replace("{today}", time.strftime("%Y-%m-%d")), encoding="utf-8")
        mails = len(list((work / "box" / "new").iterdir()))
        (work / "look.sh").write_text(LOOK.format(seconds=told.seconds, mails=mails), encoding="utf-8")
        (work / "sink.py").write_text(SINK, encoding="utf-8")
        version = f"python3.{sys.version_info.minor}"
        boot = BOOT.format(
            base=sys.base_prefix,
            version=version,
            root=ROOT,
            work=work,
            packages=next(p for p in sys.path if p.endswith("site-packages") and Path(p).is_relative_to(sys.prefix)),
        )
        work.chmod(0o755)
        done = subprocess.run(
            [
                "bash",
                "-c",
                APART.format(name=work.name),
                "try",
                "timeout",
                "-s",
                "KILL",
                str(told.seconds + 240),
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--uts",
                "--ipc",
                "--net",
                "--cgroup",
                "--kill-child",
                "--propagation",
                "private",
                "bash",
                "-c",
                boot,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.returncode, done.stdout[-2000:], done.stderr[-2000:], sep="\n")
        return _told(work / "out", limited=bool(told.memory or told.tasks))
    finally:
        shutil.rmtree(work)


def _told(out: Path, *, limited: bool) -> int:
    """Print it; 0 when every mail was read (``limited``: or its part lost) and answered, every wall and the service stand."""
    for name in ("modes.txt", "check.txt", "limits.txt"):
        print((out / name).read_text(encoding="utf-8") if (out / name).exists() else f"no {name}")
    if not (out / "log.json").exists():
        print(*(path.read_text(encoding="utf-8") for path in sorted(out.glob("*.err"))))
        return 1
    rows = json.loads((out / "log.json").read_text(encoding="utf-8"))["rows"]
    for row in rows:
        parts = ", ".join(f"{p['name']} {p['outcome']} {p['reason'] or ''}".strip() for p in row["parts"])
        print(f"{row['subject']}: {row['state']}; {parts}; letters {[x['state'] for x in row['letters']]}")
    status = json.loads((out / "status.json").read_text(encoding="utf-8"))
    print(f"confinement lacks {status['confinement']}; outbox {status['outbox']}")
    if any(row["state"] in ("stored", "reading") for row in rows):
        print((out / "run.txt").read_text(encoding="utf-8"), (out / "run.err").read_text(encoding="utf-8"))
    spoiled = [
        p
        for row in rows
        for p in row["parts"]
        if p["reason"] in ("tool_missing", "reader_crashed", "memory", "timeout")
    ]
    if limited:
        alive = "still running: 1" in (out / "limits.txt").read_text(encoding="utf-8")
        spoiled = [] if alive else [{"reason": "the service ended"}]
    answered = all(x["state"] == "sent" for row in rows for x in row["letters"])
    return int(
        bool(
            spoiled
            or status["confinement"]
            or not answered
            or not rows
            or {row["state"] for row in rows} & {"stored", "reading"}
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
