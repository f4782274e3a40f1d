"""Writing about people: accounts, sessions, and who saw what.

Rules: every change of an account and every sign-in is a log entry of its own; names stand in the payload only. Sessions
are plain rows, taken away at sign-out. Disabling somebody or giving a new password ends that person's sessions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from storage.errors import Stale
from storage.read_accounts import Account, Session
from storage.records import Entry
from storage.rows import values
from storage.tables import table
from storage.write_log import LogWriting

_account, _session = table("account"), table("session")


class AccountWriting(LogWriting):
    """Writes about people."""

    __slots__ = ()

    def add_account(self, name: str, shown: str, role: str, password: str, *, subject: str | None = None) -> Account:
        """Somebody new; ``Stale`` when the name is taken."""
        name = name.strip().lower()
        if self.account_named(name) is not None:
            raise Stale(f"there is an account {name} already")
        account = Account(0, name, shown, role, password, self.at, self.at, disabled=False, version=1, subject=subject)
        done = self.connection.execute(insert(_account), values(_account, account))
        account = replace(account, id=int(done.inserted_primary_key[0]))  # type: ignore[index]
        self.log("account", f"account:{account.id}", {"what": "add", "name": name, "role": role})
        return account

    def change_account(self, account: Account, what: str, **fields: Any) -> Account:
        """Disable, enable, another role or password, compare-and-set by version; sessions end. Raises ``Stale``."""
        if "password" in fields:
            fields["password_at"] = self.at
        where = (_account.c.id == account.id, _account.c.version == account.version)
        change = update(_account).where(*where).values(**fields, version=account.version + 1)
        if self.connection.execute(change).rowcount != 1:
            raise Stale(f"account {account.id} was changed meanwhile")
        self.close_sessions(account.id)
        said = {name: value for name, value in fields.items() if name not in ("password", "password_at")}
        self.log("account", f"account:{account.id}", {"what": what, "name": account.name, **said})
        return replace(account, **fields, version=account.version + 1)

    def open_session(self, account: Account, token_sha256: str, csrf: str, address: str) -> Session:
        """Somebody signs in."""
        entry = self.log("signed_in", f"account:{account.id}", {"name": account.name, "address": address})
        session = Session(token_sha256, account.id, csrf, self.at, self.at, address, entry.seq)
        self.connection.execute(insert(_session), values(_session, session))
        return session

    def touch_session(self, token_sha256: str) -> None:
        """The session was used just now; no log entry."""
        self.connection.execute(update(_session).where(_session.c.token_sha256 == token_sha256).values(seen_at=self.at))

    def close_session(self, session: Session, why: str) -> None:
        """Sign out, or a limit was reached."""
        self.connection.execute(delete(_session).where(_session.c.token_sha256 == session.token_sha256))
        self.log("signed_out", f"account:{session.account_id}", {"why": why})

    def close_sessions(self, account_id: int) -> None:
        """End every session of somebody."""
        self.connection.execute(delete(_session).where(_session.c.account_id == account_id))

    def forget_sessions(self, before: datetime) -> None:
        """Take away the sessions nobody has used since then."""
        self.connection.execute(delete(_session).where(_session.c.seen_at < before))

    def note_access(self, what: str, subject: str, **said: Any) -> Entry:
        """Who saw what: ``mail_opened``, ``raw_downloaded``, ``part_downloaded``, ``exported``, ``searched``."""
        return self.log("access", f"access:{subject}", {"what": what, **said})

    def sign_in_failed(self, name: str, address: str, why: str) -> None:
        """Somebody tried a password."""
        known = self.account_named(name)
        subject = f"account:{known.id}" if known else "account:unknown"
        self.log("sign_in_failed", subject, {"name": name[:100], "address": address, "why": why})
