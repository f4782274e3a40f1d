"""The mailbox on pymap, the demo's server: MOVE and IDLE show only after login, keywords are dropped."""

from __future__ import annotations

import threading
import time

from imapclient import IMAPClient

from intake.demo.servers import PASSWORD, USER, imap_server
from intake.mailbox.idle import Idle
from intake.mailbox.imap import ImapSource
from intake.mailbox.source import Cursor
from intake.settings import MailboxSettings, Secret
from tests.mailbox.conftest import FRIDAY, heard, mail


def test_fetching_filing_and_waking_work_on_pymap():
    with imap_server() as port:
        box = MailboxSettings("imap", "127.0.0.1", port, "none", USER, secret=Secret(PASSWORD))
        with IMAPClient("127.0.0.1", port, ssl=False) as client:
            client.login(USER, PASSWORD)
            start = client.folder_status("INBOX")[b"UIDNEXT"] - 1
            client.append("INBOX", mail(1), msg_time=FRIDAY)
            client.append("INBOX", mail(2, 2_500_000))
            news = threading.Semaphore(0)
            idle = Idle(box, news.release)
            idle.start()
            assert heard(news)
            time.sleep(0.5)
            client.append("INBOX", mail(3))
            assert heard(news, 5)
            idle.stop()
        source = ImapSource(box)
        listing = source.listing("INBOX")
        assert {one.uid: one for one in listing.mails}[start + 1].internaldate == FRIDAY
        found = [one for batch in source.fetch_new("INBOX", Cursor(listing.uidvalidity, start)) for one in batch.mails]
        assert [one.raw for one in found] == [mail(1), mail(2, 2_500_000), mail(3)]
        filed = source.file("INBOX", listing.uidvalidity, found[0].uid, "CCHC/2017")
        assert filed is not None
        assert filed.moved
        assert "CCHC/2017" in source.filed_folders("CCHC")
        (there,) = source.listing("CCHC/2017").mails
        assert there.internaldate == FRIDAY
        assert source.file("INBOX", listing.uidvalidity, found[0].uid, "CCHC/2017") is None
        source.close()
