"""Every amount computed again, from the facts in the leaf and the rules in the bundle."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from itertools import zip_longest
from typing import Any, Final

from attest.allowance import RuleSets, claim_from, compute, part_of, read_sets
from attest.errors import ClaimRefused
from attest.log.strict64 import decode_hash

from .columns import Row
from .findings import Findings

_MISSING: Final = frozenset({"rules.unknown", "rules.no_version", "rules.cycle", "rules.text"})
_LINE: Final = ("item", "amount", "rule", "status")

Where = dict[str, Any]


class Money:
    """*files* are the rule files of the bundle by name; only TOML ones are rules."""

    def __init__(self, findings: Findings, files: Mapping[str, bytes]) -> None:
        self._findings = findings
        self._digests: dict[str, bytes] = {}
        self._extends: dict[str, str] = {}
        self._announced: dict[tuple[str, bytes], str] = {}
        self._totals: dict[tuple[str, int], int] = {}
        self._not_open = 0
        self._rules = self._read(files)

    def announce(self, leaf: Mapping[str, Any]) -> None:
        """A ``config-change`` of a rule set: from here on it may be used."""
        if leaf["t"] == "config-change" and leaf["what"] == "rule-set" and "sha256" in leaf:
            known = leaf["name"], decode_hash(leaf["sha256"])
            self._announced.setdefault(known, leaf.get("from", ""))

    def see(self, row: Row, where: Where) -> None:
        self.announce(row.leaf)
        if row.leaf["t"] == "void":
            self._totals.pop((row.leaf["trip"], row.leaf["of"]), None)
        if row.leaf["t"] != "settlement":
            return
        if "biz" not in row.open:
            self._not_open += 1
            return
        self._compute(row, where | {"column": "biz"})

    def close(self) -> int:
        """The sum of what was settled and not taken back."""
        if self._not_open:
            self._findings.note("money.not_open", count=self._not_open)
        return sum(self._totals.values())

    def _read(self, files: Mapping[str, bytes]) -> RuleSets:
        texts = []
        for name, raw in files.items():
            if not name.endswith(".toml"):
                continue
            try:
                text = raw.decode()
                about = tomllib.loads(text)["rule_set"]
                read_sets([text])
                named = f"{about['id']}@{about['version']}"
            except (ValueError, KeyError, TypeError, ClaimRefused):
                self._findings.fail("money.rule_set_missing", file=f"rules/{name}")
                continue
            texts.append(text)
            self._digests[named] = sha256(raw).digest()
            if extends := about.get("extends"):
                self._extends[named] = extends
        return read_sets(texts)

    def _compute(self, row: Row, where: Where) -> None:
        what, fail = row.open["biz"], self._findings.fail
        try:
            result = compute(claim_from(what.get("facts")), self._rules).as_dict()
        except ClaimRefused as refused:
            codes = {fault.code for fault in refused.faults}
            code = "money.rule_set_missing" if codes & _MISSING else "money.line"
            fail(code, expected=refused.faults[0].code, **where)
            return
        trips = [trip["id"] for trip in result["trips"]]
        own = what.get("own", trips[0] if len(trips) == 1 else "")
        due = part_of(result, own)
        if due is None or ("own" in what and not trips):
            fail("money.line", expected="own", **where)
            return
        self._compare(due, what, where)
        day = _day_of(what["facts"], own)
        for name in self._used(due["rule_set"]):
            self._check_announced(name, day, where)
        if isinstance(what.get("total"), int):
            self._totals[row.leaf["trip"], row.leaf["n"]] = what["total"]

    def _compare(self, due: Mapping[str, Any], what: Mapping[str, Any], where: Where) -> None:
        fail, lines = self._findings.fail, what.get("lines")
        told = lines if isinstance(lines, list) else []
        for number, (want, got) in enumerate(zip_longest(due["lines"], told), start=1):
            wanted = {name: want[name] for name in _LINE} if want else None
            if wanted != got:
                said = where | {"column": f"lines[{number}]"}
                fail("money.line", expected=_amount(want), found=_amount(got), **said)
        if what.get("total") != due["total"]:
            total = where | {"column": "total"}
            fail("money.total", expected=due["total"], found=str(what.get("total")), **total)
        if what.get("rule_digest") != due["rule_digest"] or what.get("rule_set") != due["rule_set"]:
            fail("money.line", expected=due["rule_digest"], **(where | {"column": "rule_set"}))

    def _used(self, chain: list[str]) -> Iterator[str]:
        """The files of *chain*, with what they extend."""
        for name in chain:
            above: str | None = name
            while above is not None:
                yield above
                above = self._extends.get(above)

    def _check_announced(self, name: str, day: str, where: Where) -> None:
        known = name, self._digests.get(name, b"")
        if known not in self._announced:
            self._findings.fail("money.rule_set_unannounced", expected=name, **where)
        elif self._announced[known][:10] > day:
            self._findings.fail("money.rule_set_date", expected=name, **where)


def _day_of(facts: Mapping[str, Any], own: str) -> str:
    """The day of the trip in Korea, as it is written; facts were read before.

    Of a standing sum the first of its month.
    """
    if not facts["trips"]:
        return f"{facts['standing']['month']}-01"
    trip = next(trip for trip in facts["trips"] if trip.get("id") == own)
    day = str(trip.get("starts_at") or trip.get("date") or "")[:10]
    return day or date.max.isoformat()


def _amount(line: Any) -> str:
    if not isinstance(line, dict):
        return ""
    return f"{line.get('item')} {line.get('amount')} {line.get('rule')} {line.get('status')}"
