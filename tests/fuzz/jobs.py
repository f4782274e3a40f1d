"""Jobs of the confined worker for fuzzing: many inputs to a child, spoiled and read inside its walls.

Loaded by the worker before it makes children (``CCHC_BOX_PROBES``): what the inputs are made of is in memory by then. One child
for many inputs saves the fork and the confinement of each; a child that dies is looked into by the caller, input by input.
"""

from __future__ import annotations

import gc
import hashlib
import json
import time
from pathlib import Path

from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.part import read_leaf
from parsers.values import Hints, Leaf
from tests.fuzz.pool import pool, spoiled
from tests.fuzz.verdict import wrong_with, wrong_with_mail

COLLECT = 5  # inputs
FORMS = load_forms()
pool()


def batch(order: bytes) -> str:
    """``{"seed", "first", "count", "seconds"}``; how many were done, how each ended, what is wrong."""
    told = json.loads(order)
    until = time.monotonic() + told["seconds"]
    done = []
    for number in range(told["first"], told["first"] + told["count"]):
        began = time.process_time()
        kind, data = spoiled(told["seed"], number)
        made = time.process_time()
        ended, wrong = _tried(kind, data)
        if number % COLLECT == 0:
            gc.collect()  # children of the service live for one input only
        done.append((kind, ended, wrong, time.process_time() - made, made - began))
        if time.monotonic() > until:
            break
    return json.dumps(done)


def _tried(kind: str, data: bytes) -> tuple[str, str]:
    try:
        return read(kind, data)
    except MemoryError:
        return "memory", "memory"
    except Exception as error:
        where = error.__traceback__
        while where and where.tb_next:
            where = where.tb_next
        spot = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else ""
        return "reader_crashed", f"{type(error).__name__} at {spot}: {error}"[:300]


def read(kind: str, data: bytes) -> tuple[str, str]:
    """How one input ended, and what is wrong with that ("" = nothing)."""
    if kind == "eml":
        envelope = open_mail(data)
        wrong = wrong_with_mail(envelope)
        if wrong:
            return "mail", wrong
        leaves = [leaf for leaf in envelope.leaves if leaf.role in ("body", "attachment")]
    else:
        leaves = [Leaf(("2",), f"a.{kind}", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")]
    ended = "no parts"
    for leaf in leaves:
        parts = read_leaf(leaf, FORMS, Hints()).readings
        wrong = wrong_with(parts)
        if wrong:
            return parts[0].outcome, wrong
        if parts:
            ended = " ".join(filter(None, (parts[-1].outcome, parts[-1].reason)))
    return ended, ""
