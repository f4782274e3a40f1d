"""The tables of the console: who may sign in, and who is signed in. Both change; what happened to them stands in the log.

A password is kept as its argon2 hash, a session by the sha256 of its token: neither can be used by one who reads the rows.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from storage.fields import Row, moment, number, points_to, text


class AccountRow(Row, table=True):
    """Somebody who may sign in."""

    __tablename__ = "account"
    __table_args__ = (Index(None, "subject", unique=True),)
    id: int | None = number()
    name: str = text(unique=True)
    shown: str = text(default="")
    role: str = text()
    password: str = text()
    password_at: datetime = moment()
    created_at: datetime = moment()
    disabled: bool = False
    version: int = 1
    subject: str | None = text(default=None)  # at an identity provider: its issuer and its own word for the person


class SessionRow(Row, table=True):
    """Somebody signed in."""

    __tablename__ = "session"
    token_sha256: str = text(primary_key=True)
    account_id: int = points_to("account.id", index=True)
    csrf: str = text()
    opened_at: datetime = moment()
    seen_at: datetime = moment(index=True)
    address: str = text(default="")
    opened_seq: int = Field(sa_type=BigInteger)
