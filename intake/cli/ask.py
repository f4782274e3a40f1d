"""Verbs that ask of many: board, log, review, calendar. None of them changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from intake.cli.common import (
    DONE,
    NEW_FILE,
    Mistake,
    desk_of,
    json_option,
    moment_of,
    named_file,
    noted,
    out,
    table,
    verb,
)
from intake.cli.one import class_told

DUE_CLASSES = (
    *("on_time", "cured", "late", "incomplete", "in_review", "missing"),
    *("waived", "not_applicable", "not_yet_due"),
)
MAIL_STATES = (
    *("stored", "reading", "recorded", "needs_review", "not_a_report", "automatic", "bounce", "duplicate", "own"),
    *("test", "set_aside"),
)


@click.command("board")
@click.argument("period", required=False)
@click.option("--as-of", "as_of", default=None, metavar="T", help="What the log knew at T.")
@click.option(
    "--received-by", "received_by", default=None, metavar="T", help="What had arrived by T, with today's knowledge."
)
@json_option
@click.pass_context
@verb
def board_verb(
    ctx: click.Context, period: str | None, as_of: str | None, received_by: str | None, as_json: bool
) -> int:
    """Every due of a period with its class; default the latest slot already open of the first report type."""
    from intake.asking import Times, board_json  # noqa: PLC0415
    from intake.board import board_of, latest_open, period_of  # noqa: PLC0415
    from intake.book import law_of  # noqa: PLC0415
    from intake.covered_days import covered_days  # noqa: PLC0415
    from intake.findings import explained_by_agency  # noqa: PLC0415
    from intake.progress import tasks_of  # noqa: PLC0415
    from intake.results import of_period  # noqa: PLC0415
    from intake.waiting import waiting_for  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk, desk.ledger.read() as q:
        zone = desk.settings.calendar.timezone
        moment = moment_of(as_of, zone, "--as-of") if as_of else desk.clock.now()
        by = moment_of(received_by, zone, "--received-by") if received_by else None
        key = period or latest_open(desk, q, moment)
        if key is None:
            raise click.UsageError("board: no period is open yet; name one")
        board = board_of(desk, q, key, moment, by)
        law = law_of(desk, q)
        slot = period_of(q, law.calendar, key, moment)
        results = of_period(desk, q, law, slot, moment)
        waiting = waiting_for(q, law.calendar, slot, moment)
        tasks = tasks_of(desk, q, law, slot, moment)
        kind = desk.report_type(slot.type)
        days = covered_days(q, law, kind, slot, moment, by) if kind else {}
        times = Times(desk)
        moved = {"due_original": times(slot.due_original), "due_why": slot.due_why, "skipped": slot.skipped}
        document = board_json(board, times, explained_by_agency(q, key, moment), results, waiting, tasks, days) | moved
        names = {a.code: a.name for a in desk.roster(q, moment).agencies}
    if as_json:
        out(document)
        return DONE
    _show_board(document, names)
    return DONE


def _standing(document: dict[str, Any]) -> str:
    """Whether the cutoff has passed; a period skipped or moved says so, and why."""
    if document["skipped"]:
        return f"skipped, nobody owes it ({document['due_why']})"
    moved = f", moved from {document['due_original']} ({document['due_why']})" if document["due_why"] else ""
    return ("closed" if document["closed"] else "open") + moved


def _show_board(document: dict[str, Any], names: Mapping[str, str]) -> None:
    """The board as lines: its identity, every due, the tasks where it has some."""
    click.echo(f"{document['period']}  cutoff {document['due_at']}  as of {document['as_of']}  {_standing(document)}")
    counts = " + ".join(f"{n} {name}" for name, n in document["classes"].items())
    click.echo(
        f"{document['expected']} expected = {counts}; beside: {document['waived']} waived, {document['not_applicable']} not applicable, {document['not_yet_due']} not yet due"
    )
    table(
        ["agency", "name", "class", "received", "late", "receipt", "explained", "days"],
        [
            [
                d["agency"],
                names.get(d["agency"], ""),
                d["class"]
                + (f" ({d['arrived']})" if d["arrived"] else "")
                + (f" ({d['waiting']} mails wait for a person)" if d["waiting"] else ""),
                d["received_at"] or "",
                str(d["late_seconds"] or ""),
                d["receipt"] or "",
                " ".join(d["explained"]),
                " ".join(f"{what} {one['from']}..{one['to']}" for what in ("uncovered", "twice") for one in d[what]),
            ]
            for d in document["dues"]
        ],
    )
    if "tasks" in document:
        _show_tasks(document["tasks"])


def _show_tasks(found: dict[str, Any]) -> None:
    """What a list form's tasks come to, and those past their date."""
    names = ("done", "under_way", "not_begun", "unclear", "unreported")
    click.echo(f"{found['tasks']} tasks = {' + '.join(f'{found[n]} {n}' for n in names)}; {found['overdue']} overdue")
    if not (late := [one for one in found["rows"] if one["overdue"]]):
        return
    table(
        ["number", "task", "agency", "due", "state", "said for"],
        [
            [t["number"], t["task"][:60], t["agency"] or t["lead"], t["due"], t["state"] or "unreported", t["period"]]
            for t in late
        ],
    )


@click.command("log")
@click.option("--agency", default=None)
@click.option("--type", "type_", default=None)
@click.option("--period", default=None)
@click.option("--class", "due_class", default=None, type=click.Choice(DUE_CLASSES))
@click.option("--state", default=None, type=click.Choice(MAIL_STATES))
@click.option("--since", default=None, metavar="T")
@click.option("--until", default=None, metavar="T")
@click.option("--text", default=None, help="Words of subject, address, file name or agency; tones do not matter.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(min=1))
@click.option("--csv", "csv_file", default=None, type=NEW_FILE)
@click.option("--xlsx", "xlsx_file", default=None, type=NEW_FILE)
@json_option
@click.pass_context
@verb
def log_verb(ctx: click.Context, csv_file: Path | None, xlsx_file: Path | None, as_json: bool, **filters: Any) -> int:
    """The intake log, newest first."""
    from intake.asking import LogQuery, log_json, unknown_words  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk:
        zone = desk.settings.calendar.timezone
        query = LogQuery(
            agency=filters["agency"],
            type=filters["type_"],
            period=filters["period"],
            due_class=filters["due_class"],
            state=filters["state"],
            since=moment_of(filters["since"], zone, "--since") if filters["since"] else None,
            until=moment_of(filters["until"], zone, "--until") if filters["until"] else None,
            text=filters["text"],
            limit=filters["limit"],
        )
        with desk.ledger.read() as q:
            if wrong := unknown_words(desk, q, query):
                raise Mistake("\n".join(wrong))
            document = log_json(desk, q, query, desk.clock.now())
        asked = {name.rstrip("_"): value for name, value in filters.items() if value and name != "limit"}
        for kind in [kind for kind, file in (("csv", csv_file), ("xlsx", xlsx_file)) if file]:
            noted(desk, "exported", "log", kind=kind, query=asked, rows=len(document["rows"]))
    _log_files(document["rows"], csv_file, xlsx_file)
    if as_json:
        out(document)
    elif not csv_file and not xlsx_file:
        table(
            ["id", "received", "from", "state", "receipt", "class", "subject"],
            [_log_line(row) for row in document["rows"]],
        )
    return DONE


def _log_files(rows: list[dict[str, Any]], csv_file: Path | None, xlsx_file: Path | None) -> None:
    """The rows as the files asked for."""
    from intake.export import write_csv, write_xlsx  # noqa: PLC0415

    if csv_file:
        with named_file(csv_file, "--csv"):
            write_csv(rows, csv_file)
    if xlsx_file:
        with named_file(xlsx_file, "--xlsx"):
            write_xlsx(rows, xlsx_file)


def _log_line(row: dict[str, Any]) -> list[str]:
    first = row["submissions"][0] if row["submissions"] else {}
    state = row["state"] + (f" ({row['reason']})" if row["reason"] else "")
    return [
        str(row["id"]),
        row["received_at"] or "",
        row["from"],
        state,
        first.get("receipt") or "",
        class_told(first),
        (row["subject"] or "")[:60],
    ]


@click.command("review")
@json_option
@click.pass_context
@verb
def review_verb(ctx: click.Context, as_json: bool) -> int:
    """The queue for people: oldest cutoff first."""
    from intake.review_queue import queue_json  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk, desk.ledger.read() as q:
        document = queue_json(desk, q)
    if as_json:
        out(document)
    else:
        rows = [
            [
                str(i["id"]),
                i["kind"],
                i["reason"],
                i["mail"] or "",
                i["agency"] or "",
                i["due_at"] or "",
                i["subject"] or "",
                f"{i['answers']}: {' '.join(i['said'].split())[:80]}"
                if i["answers"] and i["said"]
                else i["answers"] or (f"--deemed-at {i['proposed']}" if i["proposed"] else ""),
            ]
            for i in document["items"]
        ]
        table(["item", "kind", "reason", "mail", "agency", "cutoff", "subject", "answers"], rows)
    return DONE


@click.command("calendar")
@click.argument("year", type=click.IntRange(1900, 2999))
@click.option("--ics", "ics_file", default=None, type=NEW_FILE, help="For calendars.")
@click.option("--xlsx", "xlsx_file", default=None, type=NEW_FILE, help="To be confirmed.")
@json_option
@click.pass_context
@verb
def calendar_verb(ctx: click.Context, year: int, ics_file: Path | None, xlsx_file: Path | None, as_json: bool) -> int:
    """Every cutoff of a year with its reason."""
    from intake.asking import Times  # noqa: PLC0415
    from intake.yearly import cutoffs  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk, desk.ledger.read() as q:
        rows = cutoffs(desk, q, year)
        times = Times(desk)
        cutoff_rows: list[dict[str, Any]] = [
            {
                "period": p.key,
                "type": p.type,
                "window": {"from": p.window_from.isoformat(), "to": p.window_to.isoformat()},
                "due_at": times(p.due_at),
                "due_original": times(p.due_original),
                "due_why": p.due_why,
                "skipped": p.skipped,
                "covers": list(p.covers),
            }
            for p in rows
        ]
        version = desk.calendar_of(q).version
        office, now = desk.office, desk.clock.now()
        if ics_file:
            from intake.calendar_export import calendar_ics  # noqa: PLC0415

            with named_file(ics_file, "--ics"):
                ics_file.write_bytes(calendar_ics(rows, office.bot_domain, now))
        if xlsx_file:
            from notifier.calendar_sheet import calendar_workbook  # noqa: PLC0415

            with named_file(xlsx_file, "--xlsx"):
                xlsx_file.write_bytes(calendar_workbook(rows, year, version, office, now))
    if as_json:
        out({"schema": "cchc.calendar/1", "year": year, "version": version, "cutoffs": cutoff_rows})
    elif not (ics_file or xlsx_file):
        table(
            ["period", "cutoff", "data", "moved from", "why"],
            [
                [
                    r["period"],
                    "skipped" if r["skipped"] else str(r["due_at"]),
                    f"{r['window']['from']}..{r['window']['to']}",
                    str(r["due_original"]) if r["skipped"] or r["due_at"] != r["due_original"] else "",
                    r["due_why"] or "",
                ]
                for r in cutoff_rows
            ],
        )
    return DONE
