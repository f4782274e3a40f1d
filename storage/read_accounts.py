"""What the console asks about people: accounts and sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from storage.prepared import ask
from storage.rows import Snapshot, columns, record, records
from storage.tables import table

_account, _session, _review = table("account"), table("session"), table("review")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. ``password`` is an argon2 hash."""

    id: int
    name: str  # lower case, what is typed
    shown: str  # "Nguyễn Văn A"
    role: str  # auditor | secretary | lead | operator
    password: str
    password_at: datetime
    created_at: datetime
    disabled: bool
    version: int
    subject: str | None = None  # at an identity provider

    @property
    def actor(self) -> str:
        """Who this is in the log."""
        return f"person:{self.id}"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in; the token itself is known to the browser alone."""

    token_sha256: str
    account_id: int
    csrf: str
    opened_at: datetime
    seen_at: datetime
    address: str
    opened_seq: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What every page begins with: who asks, and how many items wait for a person."""

    session: Session
    account: Account
    waiting: int


_VISIT = (  # one statement: each takes a way to the server and back
    select(
        *columns(_session, Session),
        *(column.label(f"a_{column.name}") for column in columns(_account, Account)),
        select(func.count()).where(_review.c.closed_at.is_(None)).scalar_subquery().label("waiting"),
    )
    .join(_account, _account.c.id == _session.c.account_id)
    .where(_session.c.token_sha256 == bindparam("token"))
)


class AccountQueries(Snapshot):
    """Questions about people."""

    __slots__ = ()

    def accounts(self) -> tuple[Account, ...]:
        """Everybody, by number."""
        return records(self.connection, select(*columns(_account, Account)).order_by(_account.c.id), Account)

    def account_of_subject(self, subject: str) -> Account | None:
        """One by what an identity provider calls the person."""
        return self._account(_account.c.subject == subject)

    def account_named(self, name: str) -> Account | None:
        """One by the name that is typed; capitals do not matter."""
        return self._account(_account.c.name == name.strip().lower())

    def _account(self, where: object) -> Account | None:
        found = records(self.connection, select(*columns(_account, Account)).where(where), Account)  # type: ignore[arg-type]
        return found[0] if found else None

    def session(self, token_sha256: str) -> Session | None:
        """A session by the hash of its token."""
        where = _session.c.token_sha256 == token_sha256
        found = records(self.connection, select(*columns(_session, Session)).where(where), Session)
        return found[0] if found else None

    def visit(self, token_sha256: str) -> Visit | None:
        """Who is signed in by the hash of a token."""
        rows = ask(self.connection, _VISIT, {"token": token_sha256})
        return next(
            (Visit(record(Session, row), record(Account, row, prefix="a_"), int(row.waiting)) for row in rows), None
        )

    def sessions_of(self, account_id: int) -> tuple[Session, ...]:
        """Where somebody is signed in, the latest first."""
        where = _session.c.account_id == account_id
        statement = select(*columns(_session, Session)).where(where).order_by(_session.c.seen_at.desc())
        return records(self.connection, statement, Session)
