"""What other libraries need for the same work; a script of its own, run by ``.venv-bench`` where they are installed.

    others.py raw PORT USER PASSWORD CHUNK         imapclient, CHUNK mails a FETCH
    others.py imap_tools PORT USER PASSWORD CHUNK  imap_tools, bulk fetch; CHUNK 0: everything in one
    others.py mailsuite PORT USER PASSWORD 0       mailsuite, mail by mail, as it does
    others.py markitdown FILE TIMES                markitdown on a docx file

Prints one JSON object: mails and seconds, or the seconds of each conversion. Nothing of what is fetched is stored. Imports this
project nowhere.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def raw(port: int, user: str, password: str, chunk: int) -> int:
    from imapclient import IMAPClient  # noqa: PLC0415

    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(user, password)
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        count = 0
        for start in range(0, len(uids), chunk):
            found = client.fetch(uids[start : start + chunk], ["BODY.PEEK[]", "INTERNALDATE"])
            count += sum(1 for mail in found.values() if mail[b"BODY[]"])
        return count


def imap_tools(port: int, user: str, password: str, chunk: int) -> int:
    from imap_tools import MailBoxUnencrypted  # noqa: PLC0415

    with MailBoxUnencrypted("127.0.0.1", port).login(user, password) as box:
        return sum(1 for mail in box.fetch(mark_seen=False, bulk=chunk or True) if mail.obj)


def mailsuite(port: int, user: str, password: str, _chunk: int) -> int:
    from mailsuite.imap import IMAPClient  # noqa: PLC0415

    client = IMAPClient("127.0.0.1", user, password, port=port, ssl=False, starttls=False)
    client.select_folder("INBOX", readonly=True)
    count = sum(1 for uid in client.search("ALL") if client.fetch_message(uid, parse=False))
    client.logout()
    return count


def markitdown(file: str, times: int) -> list[float]:
    from markitdown import MarkItDown  # noqa: PLC0415

    converter = MarkItDown()
    took = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        assert converter.convert(file).text_content
        took.append(time.perf_counter() - begun)
    return took[1:]  # the first one imports


def main() -> None:
    name, *rest = sys.argv[1:]
    if name == "markitdown":
        print(json.dumps({"seconds": markitdown(rest[0], int(rest[1]))}))
        return
    fetch = {"raw": raw, "imap_tools": imap_tools, "mailsuite": mailsuite}[name]
    __import__({"raw": "imapclient", "mailsuite": "mailsuite.imap"}.get(name, name))
    begun, spent = time.perf_counter(), time.process_time()
    mails = fetch(int(rest[0]), rest[1], rest[2], int(rest[3]))
    seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    print(json.dumps({"mails": mails, "seconds": seconds, "processor": spent, "peak_mb": peak}))


if __name__ == "__main__":
    main()
