"""The lines and warnings of one trip, while they are written and when they are done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import cautions, words
from .rules import Ask, Rules
from .words import Words

PAYABLE, REFUSED, NEEDS_EVIDENCE = "payable", "refused", "needs_evidence"

# The lines that one item of an agency or of another payer means together.
_ITEM_OF = {
    "in_area_flat": "in_area",
    "in_area_car_deduction": "in_area",
    "in_area_actual": "in_area",
    "in_area_day_cap": "in_area",
    "lodging_excess": "lodging",
    "lodging_relatives": "lodging",
    "lodging_shared": "lodging",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One sum with its reason. A refused thing is a line of 0, never silence."""

    item: str
    amount: int
    rule: str
    status: str
    cites: tuple[str, ...]
    rule_set: str
    inputs: Mapping[str, object]
    unverified: tuple[str, ...]
    why: Words

    def as_dict(self) -> dict[str, object]:
        return {
            "item": self.item,
            "amount": self.amount,
            "rule": self.rule,
            "status": self.status,
            "cites": list(self.cites),
            "rule_set": self.rule_set,
            "inputs": dict(self.inputs),
            "unverified": list(self.unverified),
            "why": self.why.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning: what a person should look at before paying."""

    code: str
    level: str
    said: Words
    data: Mapping[str, object]

    def as_dict(self) -> dict[str, object]:
        return {
            "code": self.code,
            "level": self.level,
            **self.said.as_dict(),
            "data": dict(self.data),
        }


def caution(code: str, **data: object) -> Caution:
    level, said = cautions.warning(code, data)
    return Caution(code, level, said, data)


@dataclass(slots=True)
class Sheet:
    """Where the rules of one trip write, in their order."""

    rules: Rules
    lines: list[Line] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    # What the choice of the area asked; the first line answers for it.
    before: Ask | None = None
    # What is left of each item, after what others bore and what was cut.
    left: Counter[str] = field(default_factory=Counter)
    _warned: set[tuple[str, str]] = field(default_factory=set)

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    def ask(self) -> Ask:
        asked, self.before = self.before or Ask(self.rules), None
        return asked

    def write(
        self,
        item: str,
        amount: int,
        *,
        rule: str,
        why: Words,
        ask: Ask,
        decided_by: str = "",
        inputs: Mapping[str, object] | None = None,
        status: str = PAYABLE,
        also: Sequence[str] = (),
        of: str = "",
    ) -> None:
        """*decided_by* is the setting that decided; without one the law itself did.

        *also* are rules that had a hand in it, *of* the item that is cut down.
        """
        line = Line(
            item=item,
            amount=amount,
            rule=rule,
            status=status,
            cites=tuple(map(self._cited, (rule, *also))),
            rule_set=self.rules.origins.get(decided_by, self.rules.chain[-1]),
            inputs=inputs or {},
            unverified=ask.unverified,
            why=why,
        )
        self.lines.append(line)
        self.left[of or _ITEM_OF.get(item, item)] += amount

    def _cited(self, rule: str) -> str:
        return str(self.rules.table.get("cites", {}).get(rule, words.CITES[rule]))

    def warn(self, code: str, **data: object) -> None:
        if (said := (code, repr(data))) not in self._warned:
            self._warned.add(said)
            self.cautions.append(caution(code, **data))

    def warn_unverified(self) -> None:
        """Once a key, however many lines read it."""
        for key in sorted({key for line in self.lines for key in line.unverified}):
            self.warn("setting_unverified", key=key)
