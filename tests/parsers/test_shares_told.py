"""A percentage beside two figures bears them out only when no misreading of one of them could fit it (``parsers.shares_told``)."""

import random
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from parsers.form import load_forms
from parsers.shares_told import borne_by_shares
from parsers.values import Figure, Place

FORM = load_forms().get("weekly")
KEYS = ("outgoing_electronic", "outgoing_total")


def borne(top: int, bottom: int, share: str) -> set[str]:
    place = Place(block=1, text=f"điện tử {top}/{bottom} ({share}%)")
    pair = zip(KEYS, (top, bottom), strict=True)
    figures = {
        key: Figure(key, "number", Decimal(value), str(value), "total", "period", (), place) for key, value in pair
    }
    return borne_by_shares(FORM, figures, KEYS, lambda _text, _place: True)


def misread(number: int) -> set[int]:
    """One digit taken for another, lost, or seen twice."""
    text = str(number)
    changed = {text[:n] + digit + text[n + 1 :] for n in range(len(text)) for digit in "0123456789"}
    changed |= {text[:n] + text[n + 1 :] for n in range(len(text)) if len(text) > 1}
    changed |= {text[: n + 1] + text[n:] for n in range(len(text))}
    return {int(one) for one in changed if int(one)} - {number}


def test_no_figure_misread_alone_is_ever_borne_out():
    dice = random.Random(20421103)
    right = 0
    for _ in range(250):
        bottom = int(10 ** dice.uniform(1, 3.7))
        top, digits = dice.randint(1, bottom), dice.randrange(3)
        way = dice.choice((ROUND_HALF_UP, ROUND_DOWN))
        share = (Decimal(top * 100) / bottom).quantize(Decimal(1).scaleb(-digits), way)
        said = str(share).replace(".", ",")
        right += len(borne(top, bottom, said))
        for wrong in misread(top):
            assert KEYS[0] not in borne(wrong, bottom, said), (top, bottom, said, wrong)
        for wrong in misread(bottom):
            assert KEYS[1] not in borne(top, wrong, said), (top, bottom, said, wrong)
    assert right > 100
