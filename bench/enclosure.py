"""How long other mails wait while a scanned enclosure of sixty pages is read.

    python -m bench.enclosure [MAILS] [SECONDS] [PAGES]

As ``bench.latency``, with one mail more, delivered a second before the first of the others: a letter whose enclosure is a scan of so many pages.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import time
import warnings
from random import Random

from PIL import Image, ImageDraw, ImageFont

from bench.latency import PATIENCE, Answers, deliver_all
from bench.province import MAILBOX, machine, province, quantile, reports, wait_until
from intake.demo.letters import Draft, File, written
from intake.wiring import system_now

FACE = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
LINE = "Căn cứ Kế hoạch số {n}/KH-UBND, các cơ quan, đơn vị tiếp tục rà soát, đơn giản hóa thủ tục hành chính"


def scan(pages: int) -> bytes:
    """A decision of so many pages as an office scanner keeps it: pictures of print, 150 dots an inch."""
    face, pictures = ImageFont.truetype(FACE, 26), []
    for page in range(pages):
        picture = Image.new("L", (1240, 1754), 250)
        for n in range(36):
            ImageDraw.Draw(picture).text((120, 110 + 43 * n), LINE.format(n=100 * page + n), font=face, fill=40)
        pictures.append(picture)
    out = io.BytesIO()
    pictures[0].save(out, "PDF", resolution=150, save_all=True, append_images=pictures[1:])
    return out.getvalue()


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 40.0
    pages = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    warnings.simplefilter("ignore")
    logging.disable()
    first, *mails = reports(count + 1)
    enclosure = written(
        Draft("a", first.sender, "Gửi quyết định", "Xin gửi kèm.", (File("QD.pdf", scan(pages)),)),
        system_now(),
        Random(60),
    )
    print(json.dumps(machine()))
    with province() as office:
        service, answers = office.serve(), Answers(office)
        try:
            if not answers.first(service, first):
                return 1
            begun = time.monotonic()
            office.server.deliver(MAILBOX, enclosure.as_bytes(), first.sender)
            time.sleep(1)
            handed = deliver_all(office, mails, seconds)
            wait_until(lambda: len(answers.look()) > count, PATIENCE)
            done = wait_until(
                lambda: json.loads(office.ask("status", "--json"))["mailbox"]["states"].get("reading", 0) == 0, 600
            )
            took = time.monotonic() - begun
        finally:
            service.stop()
        found = answers.look()
        waited = [found[name][0] - hand.began for name, hand in handed.items() if name in found]
        print(
            f"{len(handed)} mails, answered {len(waited)}: p50 {quantile(waited, 0.5):.2f} s, p95 {quantile(waited, 0.95):.2f} s, max {max(waited):.2f} s"
        )
        print(f"the enclosure of {pages} pages read: {done}, {took:.0f} s after its delivery")
        return 0 if len(waited) == len(handed) else 1


if __name__ == "__main__":
    sys.exit(main())
