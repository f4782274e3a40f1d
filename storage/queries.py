"""Everything that may be asked of the ledger, in one snapshot: mails, verdicts, findings, dues, letters, log, people."""

from __future__ import annotations

from storage.read_accounts import AccountQueries
from storage.read_console import ConsoleQueries
from storage.read_dues import DueQueries
from storage.read_letters import LetterChange, LetterQueries
from storage.read_log import LogQueries
from storage.read_mails import Fetched, StateChange
from storage.read_proof import ProofQueries
from storage.read_questions import QuestionQueries
from storage.read_verdicts import BookEntry, VerdictQueries

__all__ = ["BookEntry", "Fetched", "LetterChange", "Queries", "StateChange"]


class Queries(
    LogQueries,
    VerdictQueries,
    QuestionQueries,
    LetterQueries,
    DueQueries,
    AccountQueries,
    ConsoleQueries,
    ProofQueries,
):
    """All questions."""

    __slots__ = ()
