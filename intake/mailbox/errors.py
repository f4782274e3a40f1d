"""What can go wrong between us and the mailbox.

::

    MailboxError                what the outside world did; nothing of it is ever recorded as a fact about a mail
    ├── Passing                 the line or the server failed half-way: again later, with backoff
    │   └── OutsideUnreachable  no connection came about: name, network, port, TLS handshake
    ├── Refused                 the login or the certificate was refused: only a person mends it, never hammer
    └── NoSuchFolder            the folder does not exist on the server: only a person mends it

``permanent`` says whether waiting can help. The message is for the operator and holds no secret.
"""

from __future__ import annotations

from typing import ClassVar


class MailboxError(Exception):
    """The mailbox could not do what was asked."""

    permanent: ClassVar[bool] = False


class Passing(MailboxError):
    """A passing fault: the connection broke, stalled, or spoke nonsense."""


class OutsideUnreachable(Passing):
    """No connection could be made at all."""


class Refused(MailboxError):
    """The server refused our credentials, or we refuse its certificate."""

    permanent: ClassVar[bool] = True


class NoSuchFolder(MailboxError):
    """The folder asked for is not there."""

    permanent: ClassVar[bool] = True
