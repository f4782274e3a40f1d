"""What the clauses of a sentence hand on to the ones behind them: state, channel, scope, words and numbers that still wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers.clauses import Clause, atoms_in
from parsers.counted import CHANNEL, INHERITED, LEAF, LEVELS, STATUS


@dataclass(slots=True)
class HandedOn:
    """What the clauses read so far hand on to the next one."""

    parents: list[frozenset[str]]  # by depth of brackets: what a clause there is a part of
    last: frozenset[str] = frozenset()  # what "trong đó" would be a part of
    near: dict[int, frozenset[str]] = field(default_factory=dict)  # what a bracket opened at that depth would explain
    level: frozenset[str] = frozenset()  # "mức độ 4 là 1.537 hồ sơ, đã giải quyết 1.500": up to the semicolon
    channel: frozenset[str] = (
        frozenset()
    )  # "Qua bưu chính đã tiếp nhận 07 hồ sơ và trả kết quả 08": up to the semicolon
    done: bool = False  # "giải quyết mức độ 3 là 4/9 hồ sơ; mức độ 4 là 5/9": what was done with the level before
    scope: str = ""
    whole: str = ""  # the scope in force before "trong đó cấp xã …"
    part: bool = False  # "riêng lĩnh vực đất đai …": the rest of the sentence speaks of a part
    words: Clause | None = None  # words that still wait for a number
    number: Clause | None = None  # a number that still waits for words

    def parent(self, clause: Clause) -> frozenset[str]:
        """What a clause is a part of."""
        while len(self.parents) <= clause.depth:
            self.parents.append(self.near.get(len(self.parents) - 1, self.parents[-1]))
        del self.parents[clause.depth + 1 :]
        inherited = self.last if clause.sub and not clause.depth else frozenset()
        return self.parents[clause.depth] | inherited

    def pass_on(self, clause: Clause, parent: frozenset[str]) -> None:
        """Note what a clause was about."""
        names = atoms_in(clause.hits)
        main = names & (INHERITED | CHANNEL | LEAF | {"outgoing"})
        if names & CHANNEL:
            self.level = names & LEVELS
        if not clause.sub:
            self.whole = self.scope
        if clause.closed:
            self.level, self.channel, self.words, self.number = frozenset(), frozenset(), None, None
            self.scope = self.whole
        if clause.numbers and names & STATUS:
            self.near[clause.depth] = main if main & INHERITED else main | (parent & INHERITED)
        if clause.numbers and main and not clause.sub:
            self.last = main
