"""A month's standing sum is computed again like any other amount."""

from __future__ import annotations

from typing import Any

import pytest

from attest.allowance import claim_from, compute, part_of
from tests.attest.allowance import claims
from tests.attest.bundle.town import Town, codes, judged

MONTHLY = {"month": "2026-10", "monthly_amount": 140_000, "days": 3}


def settled(**standing: Any) -> dict[str, Any]:
    facts = claims.claim(rule_set="kr-national", standing=MONTHLY | standing)
    own = part_of(compute(claim_from(facts), claims.rules()).as_dict(), "")
    assert own
    lines = [{n: line[n] for n in ("item", "amount", "rule", "status")} for line in own["lines"]]
    said = {name: own[name] for name in ("rule_set", "rule_digest", "total")}
    return said | {"facts": facts, "lines": lines}


def money_codes(town: Town, **what: Any) -> set[str]:
    town.whole_trip(**what)
    return {code for code in codes(judged(town.bundle())) if code.startswith("money.")}


@pytest.mark.parametrize("days", [0, 3, 14, 15, 31])
def test_an_honest_sum_comes_out_again(town: Town, days: int) -> None:
    assert money_codes(town, **settled(days=days)) == set()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"total": 28_010}, "money.total"),
        ({"lines": []}, "money.line"),
        ({"own": "another"}, "money.line"),
        ({"own": ""}, "money.line"),
        ({"rule_digest": "0" * 64}, "money.line"),
        ({"facts": settled(days=4)["facts"]}, "money.total"),
        ({"facts": claims.claim(rule_set="kr-national")}, "money.line"),
    ],
)
def test_a_sum_that_was_bent_is_found(town: Town, changed: dict[str, Any], code: str) -> None:
    assert code in money_codes(town, **settled() | changed)
