"""A province under load: a real Dovecot, an SMTP sink that notes the moment of each letter, and ``cchc run`` as its own process.

The office's lines are TLS with a certificate made for the run. Reports are those of the demo, in the official layout, written with
python-docx; agencies come from ``tests/corpus/roster.csv``. Everything lies in one temporary folder.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from intake.demo import documents, figures, letters, paper
from intake.demo.letters import Draft, File
from intake.demo.paper import Author, Days
from intake.rules.roster import parse_roster
from intake.rules.values import Agency
from intake.wiring import system_now
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot, self_signed
from tests.servers.smtp_sink import SmtpSink

ROOT = Path(__file__).resolve().parent.parent
ROSTER = ROOT / "tests" / "corpus" / "roster.csv"
MAILBOX = "cchc@tinh.example"
PASSWORD = dovecot.PASSWORD
CONFIG = """[office]
name = "Office under load"
contact = "Bench"
phone = "0"
[mailbox]
url = "imaps://{user}@127.0.0.1:{imap}/INBOX"
[smtp]
url = "smtp://{user}@127.0.0.1:{smtp}"
from = "CCHC <{user}>"
[storage]
url = "sqlite:///var/cchc.db"
vault = "var/vault"
[calendar]
start = {start}
[[report]]
type = "weekly"
every = "week"
form = "weekly"
due = "FRI 10:00"
[[report]]
type = "monthly"
every = "month"
form = "monthly"
due = "last FRI 10:00"
[roster]
file = "roster.csv"
[notify]
secretariat = ["thuky@tinh.example"]
per_hour = 100000
per_address_per_hour = 1000
"""


@dataclass
class TimedSink(SmtpSink):
    """Notes when each letter was taken, by the monotonic clock."""

    moments: list[float] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        moment = time.monotonic()
        reply = await super().handle_DATA(server, session, envelope)
        if reply.startswith("250"):
            self.moments.append(moment)
        return reply


@dataclass
class Service:
    """``cchc run`` in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def zygotes(self) -> list[int]:
        """Pids of its warm workers."""
        return [pid for pid in children(self.process.pid) if "parsers.zygote" in command(pid)]

    @property
    def scribes(self) -> list[int]:
        """Pids of the processes that write letters beside it."""
        return [pid for pid in children(self.process.pid) if "notifier.scribe" in command(pid)]

    def stop(self) -> None:
        """Ask it to leave, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class Province:
    """One office with its servers."""

    home: Path
    server: Dovecot
    sink: TimedSink
    environment: dict[str, str]

    @property
    def config(self) -> Path:
        return self.home / "config.toml"

    def serve(self) -> Service:
        """Start the service; it is on its way when this returns, not yet ready."""
        log = self.home / "service.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "intake", "-c", str(self.config), "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
            )
        return Service(process, log)

    def ask(self, *verb: str) -> str:
        """What a verb of the command line answers."""
        call = [sys.executable, "-m", "intake", "-c", str(self.config), *verb]
        done = subprocess.run(call, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        return done.stdout or done.stderr


@contextmanager
def province() -> Iterator[Province]:
    """Servers up, configuration written; everything gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="cchc-bench-"))
    certificate = self_signed(home)
    server = dovecot.start()
    sink = TimedSink(user=MAILBOX, password=PASSWORD, certificate=certificate)
    sink.start()
    try:
        trust = home / "trusted.pem"
        trust.write_bytes(certificate[0].read_bytes() + server.certificate.read_bytes())
        shutil.copy(ROSTER, home / "roster.csv")
        start = system_now().date().isoformat()  # no cutoff of the past is owed
        text = CONFIG.format(user=MAILBOX, imap=server.tls, smtp=sink.port, start=start)
        (home / "config.toml").write_text(text, encoding="utf-8")
        secrets = {"CCHC_IMAP_PASSWORD": PASSWORD, "CCHC_SMTP_PASSWORD": PASSWORD, "SSL_CERT_FILE": str(trust)}
        yield Province(home, server, sink, {**os.environ, **secrets})
    finally:
        sink.stop()
        server.stop()
        print(home) if os.environ.get("CCHC_BENCH_KEEP") else shutil.rmtree(home, ignore_errors=True)


# ---- mails -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """A mail with one docx report in it."""

    message_id: str
    sender: str
    raw: bytes
    document: bytes


def reporting() -> tuple[Agency, ...]:
    """The agencies of the roster that owe reports."""
    return tuple(a for a in parse_roster(ROSTER.read_text(encoding="utf-8-sig")).agencies if a.reports)


def reports(count: int, seed: int = 1, thumbnail: int = 0) -> Iterator[Report]:
    """So many mails, all different, the agencies in turn; weekly and monthly reports of the present period alternate.

    ``thumbnail``: bytes of a picture of the first page that a writer's program puts into the file; it makes large mails.
    """
    rng = Random(seed)
    agencies = reporting()
    today = system_now()
    for n in range(count):
        agency = agencies[n % len(agencies)]
        kind = "monthly" if (n // len(agencies)) % 2 else "weekly"
        data = document(kind, agency, today.date(), rng)
        if thumbnail:
            data = with_thumbnail(data, rng.randbytes(rng.randint(thumbnail * 6 // 7, thumbnail * 8 // 7)))
        file = File(f"BC {kind} {agency.code}.docx", data)
        address = agency.addresses[0].text
        message = letters.written(
            Draft(agency.name, address, f"Báo cáo CCHC {agency.name}", "Kính gửi Sở Nội vụ.", (file,)), today, rng
        )
        yield Report(str(message["Message-ID"]), address, message.as_bytes(), data)


def with_thumbnail(data: bytes, picture: bytes) -> bytes:
    """The docx file with a picture of its first page."""
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("docProps/thumbnail.jpeg", picture)
    return file.getvalue()


def document(kind: str, agency: Agency, today: date, rng: Random) -> bytes:
    """A filled official form as docx."""
    size = figures.Size(files=400, letters=140)
    numbers = figures.weekly(rng, size) if kind == "weekly" else figures.monthly(rng, size)
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    days = Days(friday - timedelta(days=7), friday - timedelta(days=1), friday)
    return documents.as_docx(paper.written(kind, Author(agency.code, agency.name), days, numbers, rng))


# ---- measuring ---------------------------------------------------------------------------------------------------------


def quantile(values: list[float], share: float) -> float:
    """The nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def children(pid: int) -> list[int]:
    """Pids of the living children of a process, all threads'."""
    found: list[int] = []
    with suppress(OSError):  # it has ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # threads come and go
                found += map(int, (task / "children").read_text().split())
    return found


def command(pid: int) -> str:
    """Its command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def memory(pid: int) -> dict[str, float]:
    """Rss, Pss, VmHWM of a process in MB."""
    found: dict[str, float] = {}
    for name, wanted in (("smaps_rollup", ("Rss", "Pss", "Private_Dirty", "Private_Clean")), ("status", ("VmHWM",))):
        try:
            lines = Path(f"/proc/{pid}/{name}").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            key, _, rest = line.partition(":")
            if key in wanted:
                found[key] = int(rest.split()[0]) / 1024
    return found


def processor_seconds(pid: int) -> tuple[float, float]:
    """Processor time of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    tick = os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) / tick, (int(fields[13]) + int(fields[14])) / tick


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true in that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return true()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=False, cwd=ROOT, capture_output=True, text=True
    ).stdout
    return {
        "date": system_now().date().isoformat(),
        "cores": os.cpu_count(),
        "processor": model,
        "memory_gb": round(kilobytes / 1e6),
        "system": platform.platform(),
        "python": platform.python_version(),
        "imapclient": version("imapclient"),
        "revision": revision.strip(),
        "load_1min": round(os.getloadavg()[0], 2),
    }
