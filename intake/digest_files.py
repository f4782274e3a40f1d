"""The files a digest brings along: the consolidated workbook and the report in the official layout, as of the digest's moment.

Their bytes lie in the vault before the letter is written into the outbox; the letter names them, the postman attaches them. A type
without a form has no figures and no files.
"""

from __future__ import annotations

from datetime import datetime

from intake.consolidating import consolidate
from intake.desk import Desk
from intake.rules.values import Period
from notifier.texts import catalogue
from storage.records import Json


def consolidated_files(desk: Desk, period: Period, now: datetime, *, provisional: bool = False) -> list[Json]:
    """Name and sha256 of each file, the bytes kept; none when nobody will read the digest."""
    if desk.form(period.type) is None or not desk.settings.notify.secretariat:
        return []
    from notifier.consolidated_book import consolidated_workbook  # noqa: PLC0415 - heavy; digests alone need them
    from notifier.official import official_report  # noqa: PLC0415

    with desk.ledger.read() as q:
        found = consolidate(desk, q, period.key, now, provisional=provisional)
    made = (
        ("file_xlsx", consolidated_workbook(found, desk.office)),
        ("file_docx", official_report(found, desk.office)),
    )
    hashes = desk.vault.put_many([data for _, data in made])
    names = [_name(code, period) for code, _ in made]
    return [{"name": name, "sha256": sha256} for name, sha256 in zip(names, hashes, strict=True)]


def _name(code: str, period: Period) -> str:
    return str(catalogue("official")["book"][code]).format(span=period.key.replace(":", "-"))
