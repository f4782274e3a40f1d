"""From delivery by LMTP to the acknowledgement at the SMTP sink: mails with docx reports at random moments of one minute.

    python -m bench.latency [MAILS] [SECONDS]

A real Dovecot (IMAP over TLS, IDLE), the service as ``cchc run`` in its own process, STARTTLS and a login to the sink. A mail's time
starts before its LMTP transaction begins and ends when the sink has taken its acknowledgement. One mail is sent ahead, to wait
until the service is up.
"""

from __future__ import annotations

import json
import logging
import random
import sqlite3
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesHeaderParser
from itertools import pairwise

from bench.province import (
    MAILBOX,
    Province,
    Report,
    Service,
    machine,
    processor_seconds,
    province,
    quantile,
    reports,
    wait_until,
)
from intake.wiring import system_now

STAGES = ("LMTP", "until kept", "until its turn", "read and recorded", "until the sink has the letter")
PATIENCE = 120.0  # seconds after the last delivery in which every answer must have come


class Answers:
    """In-Reply-To → moments of the acknowledgements taken; each letter is looked at once, so that the sink keeps its time."""

    def __init__(self, office: Province) -> None:
        self.office, self.sink = office, office.sink
        self.moments: dict[str, list[float]] = {}
        self.kinds: Counter[str] = Counter()
        self.seen = 0

    def look(self) -> dict[str, list[float]]:
        while self.seen < len(self.sink.moments):
            head = BytesHeaderParser(policy=policy.default).parsebytes(self.sink.received[self.seen].raw)
            kind = str(head["Message-ID"]).partition(".")[0].lstrip("<")
            self.kinds[kind] += 1
            if kind == "acknowledgement":
                self.moments.setdefault(str(head["In-Reply-To"]), []).append(self.sink.moments[self.seen])
            self.seen += 1
        return self.moments

    def first(self, service: Service, mail: Report) -> bool:
        """Hand over one mail and wait for its answer and a calm moment, so that the service is warm; False, its log shown, when none comes."""
        self.office.server.deliver(MAILBOX, mail.raw, mail.sender)
        answered = wait_until(lambda: mail.message_id in self.look(), 90)
        if not answered:
            print(service.log.read_text()[-4000:])
        time.sleep(2)
        return answered


@dataclass
class Handed:
    """When LMTP began and ended, by the monotonic clock."""

    began: float
    ended: float = 0.0


def deliver_all(office: Province, mails: list[Report], seconds: float) -> dict[str, Handed]:
    """Hand every mail over at its moment."""
    chance = random.Random(7)
    moments = sorted(chance.uniform(0, seconds) for _ in mails)
    begun = time.monotonic()
    handed: dict[str, Handed] = {}

    def one(mail: Report, at: float) -> None:
        time.sleep(max(0.0, begun + at - time.monotonic()))
        handed[mail.message_id] = Handed(time.monotonic())
        office.server.deliver(MAILBOX, mail.raw, mail.sender)
        handed[mail.message_id].ended = time.monotonic()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(one, mail, at) for mail, at in zip(mails, moments, strict=True)]:
            done.result()
    return handed


def stages(office: Province, handed: dict[str, Handed], found: dict[str, list[float]]) -> dict[str, list[float]]:
    """Seconds each mail spent between the stations the ledger knows."""
    offset = system_now().timestamp() - time.monotonic()
    query = (
        """select m.message_id, s.after, min(s.at) from mail m join mail_state s on s.mail_id = m.id group by 1, 2"""
    )
    stations: dict[str, dict[str, float]] = {}
    with sqlite3.connect(f"file:{office.home}/var/cchc.db?mode=ro", uri=True) as database:
        for message_id, state, at in database.execute(query):
            moment = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() - offset
            stations.setdefault(message_id, {})[state] = moment
    spans: dict[str, list[float]] = {}
    for message_id, hand in handed.items():
        seen = stations.get(message_id, {})
        if message_id in found and {"stored", "reading", "recorded"} <= seen.keys():
            way = (hand.began, hand.ended, seen["stored"], seen["reading"], seen["recorded"], found[message_id][0])
            for name, (a, b) in zip(STAGES, pairwise(way), strict=True):
                spans.setdefault(name, []).append(b - a)
    return spans


def spent(service: Service) -> dict[str, float]:
    """Processor seconds: service, zygote, and the reading children."""
    own, _ = processor_seconds(service.process.pid)
    zygote, readers = processor_seconds(service.zygotes[0]) if service.zygotes else (0.0, 0.0)
    return {"service": own, "zygote": zygote, "reading children": readers}


def _states(status: str) -> object:
    try:
        return json.loads(status)["mailbox"]["states"]
    except (ValueError, KeyError):
        return status[:500]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    warnings.simplefilter("ignore")
    logging.disable()  # the sink's own
    first, *mails = reports(count + 1)
    print(json.dumps(machine()))
    with province() as office:
        service, answers = office.serve(), Answers(office)
        try:
            if not answers.first(service, first):
                return 1
            before = spent(service)
            handed = deliver_all(office, mails, seconds)
            wait_until(lambda: len(answers.look()) > count, PATIENCE)
            time.sleep(3)
            used = {name: value - before[name] for name, value in spent(service).items()}
            status = office.ask("status", "--json")
        finally:
            service.stop()
        return told(office, service, answers, handed, used, status)


def told(
    office: Province, service: Service, answers: Answers, handed: dict[str, Handed], used: dict[str, float], status: str
) -> int:
    """Print the figures; 0 when nothing was lost or said twice."""
    found = answers.look()
    took = [found[mid][0] - hand.began for mid, hand in handed.items() if mid in found]
    several = [mid for mid in handed if len(found.get(mid, ())) > 1]
    lost = len(handed) - len(took)
    print(f"{len(handed)} mails: answered {len(took)}, never {lost}, twice {len(several)}")
    print(f"letters at the sink: {dict(answers.kinds)}; mails in the ledger: {_states(status)}")
    if took:
        print("delivery to acknowledgement: " + _marks(took))
        for name, spans in stages(office, handed, found).items():
            print(f"  {name:30} {_marks(spans)}")
    print("processor ms a mail: " + ", ".join(f"{name} {1000 * s / len(handed):.0f}" for name, s in used.items()))
    print(service.log.read_text()[-2000:], end="")
    return 1 if lost or several else 0


def _marks(values: list[float]) -> str:
    return f"p50 {quantile(values, 0.5):.2f} s, p95 {quantile(values, 0.95):.2f} s, max {max(values):.2f} s"


if __name__ == "__main__":
    sys.exit(main())
