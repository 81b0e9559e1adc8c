"""Every rule at its limit and one unit beyond, and the bars of the verdict."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest

from attest.errors import FactsRefused
from attest.evidence import Weights
from attest.evidence.weights import Limits

from .evidence_edges import OTHERS, SHOWN, Edge, after, beyond_place, edges
from .evidence_facts import (
    FILE,
    WEIGHTS,
    Said,
    codes,
    fix,
    seen,
    touch,
    weighed,
    weights_with,
)


def by_code(weights: Weights) -> list[Any]:
    told = [(weights, edge) for edge in edges(weights)]
    return [pytest.param(*one, id=f"{one[1].code}-{n}") for n, one in enumerate(told)]


@pytest.mark.parametrize(("weights", "edge"), [*by_code(WEIGHTS), *by_code(OTHERS)])
def test_a_rule_holds_at_its_limit_and_not_one_unit_beyond(weights: Weights, edge: Edge) -> None:
    here, beyond = codes(edge.here, weights), codes(edge.beyond, weights)

    assert edge.code in here
    assert edge.code not in beyond
    assert {edge.instead} - {""} <= set(beyond)
    assert {edge.instead}.isdisjoint(here)


def test_every_rule_of_the_file_has_an_edge_here() -> None:
    tables = ("support", "concern", "integrity", "notes")
    known = set(chain.from_iterable(FILE[table] for table in tables))

    assert {edge.code for edge in edges(WEIGHTS)} == known


def test_the_other_weights_change_every_limit() -> None:
    ours, others = WEIGHTS.limits, OTHERS.limits

    kept = [name for name in Limits.__slots__ if getattr(ours, name) == getattr(others, name)]
    assert kept == []


@pytest.mark.parametrize("edge", edges(WEIGHTS), ids=lambda edge: edge.code)
def test_a_line_says_its_own_points_and_sentence(edge: Edge) -> None:
    (told,) = [one for one in weighed(edge.here).reasons if one.code == edge.code]

    line = WEIGHTS.line(edge.code)
    assert (told.points, told.decisive) == (line.points, line.decisive)
    assert told.why_ko.partition("{")[0].startswith(line.ko.partition("{")[0])
    assert "{" not in told.why_ko + told.why_en


# -- rules that hide one another ---------------------------------------------------------


@pytest.mark.parametrize("metres", [WEIGHTS.limits.speed_min_gap_m])
def test_a_short_way_is_never_too_fast(metres: float) -> None:
    hasty = weights_with("limits", speed_min_s=1)

    assert "presence.impossible-speed" not in codes(after(metres, 0), hasty)
    assert "presence.impossible-speed" in codes(after(metres + 0.1, 0), hasty)


def test_a_wait_is_counted_as_a_minute_at_least() -> None:
    least = WEIGHTS.limits.speed_min_s
    said = [weighed(after(12_345.6, seconds)).as_json() for seconds in (0, least, least + 1)]

    assert said[0] == said[1] != said[2]


def test_of_positions_equally_good_the_first_is_compared_with_the_touch_before() -> None:
    limits = WEIGHTS.limits
    apart_m = limits.speed_min_s * limits.mode_kmh.ground / 3.6 + 1_000
    there = {name: fix(-apart_m)[name] for name in ("lat", "lon", "accuracy_m")}
    close, far = fix(-apart_m), fix()
    hour = {"fix_ms": far["fix_ms"] + 3_600_000, "seen_ms": far["seen_ms"] + 3_600_000}
    told: Said = {"previous": there | {"seconds_before": 0}, "trip__places": []}

    assert "presence.over-mode-speed" in codes(seen(far, close | hour, **told))
    assert "presence.over-mode-speed" not in codes(seen(close, far | hour, **told))


def test_a_position_that_may_not_be_taken_is_not_looked_at() -> None:
    forbidden = seen(*[fix(accuracy_m=0.0)] * 5, trip__location_forbidden=True)

    assert codes(forbidden) == ["place.forbidden", "who.passkey-synced"]


def test_a_disturbed_sky_takes_its_own_oddities_with_it() -> None:
    odd = beyond_place(10.0, trip__gnss_disturbed=True, cross__burst_copied=True)
    odd["position"]["fixes"][0]["altitude_m"] = 0

    assert codes(odd) == ["cross.burst-copied", "place.disturbed", "who.passkey-synced"]


def test_a_broken_record_is_not_weighed_at_all() -> None:
    broken = seen(fix(), challenge__state="reused", signer__revoked=True, receipts=3)

    said = weighed(broken)
    assert (said.verdict, said.support, said.concern) == ("INVALID", 0, 0)
    assert codes(broken) == ["integrity.challenge-reused", "integrity.device-revoked"]
    assert (said.missing, said.missing_mode) == ((), None)
    assert said.families == {"support": {}, "concern": {}}


@pytest.mark.parametrize("receipts", [1, 2, 20])
def test_receipts_add_up_to_the_cap_of_paper(receipts: int) -> None:
    each, cap = FILE["support"]["paper.receipts"]["points"], FILE["support_caps"]["paper"]

    said = weighed(touch({"receipts": receipts}))
    assert said.families["support"]["paper"] == min(cap, receipts * each)
    (paper,) = [one for one in said.reasons if one.code == "paper.receipts"]
    assert paper.points == min(cap, receipts * each)
    assert str(receipts) in paper.why_en


def test_no_family_counts_for_more_than_its_cap_and_no_sum_for_more_than_a_hundred() -> None:
    worst = after(2_000_000, 60, cross__burst_copied=True, cross__same_point="other")
    worst["device"] = {"automated": True, "form": "desktop", "patched": True, "shadow": True}
    worst["device"] |= {"shared": "undeclared", "enrolled_s": 0}
    worst["host"] = {"relation": "teammate", "answer": "denied"}

    said = weighed(worst)
    capped = said.families["concern"]
    assert capped["env"] == FILE["concern_caps"]["env"]
    assert capped["cross"] == FILE["concern_caps"]["cross"]
    assert said.concern == 100 < sum(capped.values())
    assert list(capped) == [name for name in FILE["concern_caps"] if name in capped]


# -- bars of the verdict -----------------------------------------------------------------

PLAIN = seen(fix(), device__shared="declared")
DECISIVE = seen(fix(), cross__burst_copied=True)
TROUBLED = seen(fix(accuracy_m=0.0), device__form="desktop")
WITNESSED = touch(SHOWN["site.nfc"] | SHOWN["host.other-organisation"] | {"device.form": "desktop"})


@pytest.mark.parametrize(
    ("bar", "said", "total", "reached", "below"),
    [
        ("sufficient_support", PLAIN, "support", "SUFFICIENT", "SUPPLEMENT"),
        ("decisive_concern", DECISIVE, "concern", "REVIEW", "SUPPLEMENT"),
        ("review_concern", TROUBLED, "concern", "REVIEW", "SUPPLEMENT"),
        ("sufficient_concern_below", PLAIN, "concern", "SUPPLEMENT", "SUFFICIENT"),
    ],
)
def test_a_bar_is_reached_at_its_number(
    bar: str, said: Said, total: str, reached: str, below: str
) -> None:
    exactly: int = getattr(weighed(said), total)

    for number, verdict in ((exactly, reached), (exactly + 1, below)):
        assert weighed(said, weights_with("verdict", **{bar: number})).verdict == verdict


def test_with_two_strong_witnesses_more_concern_is_borne() -> None:
    concern = weighed(WITNESSED).concern
    strict = {"sufficient_support": 101}

    borne = weights_with("verdict", witnessed_concern_below=concern + 1, **strict)
    too_much = weights_with("verdict", witnessed_concern_below=concern, **strict)
    assert weighed(WITNESSED, borne).verdict == "SUFFICIENT"
    assert weighed(WITNESSED, too_much).verdict == "SUPPLEMENT"


def test_two_strong_witnesses_turn_a_review_into_one_more_item() -> None:
    assert weighed(TROUBLED).verdict == "REVIEW"
    assert weighed(TROUBLED | SHOWN["site.nfc"]).verdict == "REVIEW"

    both = SHOWN["site.nfc"] | SHOWN["host.other-organisation"]
    assert weighed(TROUBLED | both).verdict == "SUPPLEMENT"


def test_but_not_a_decisive_one() -> None:
    both = SHOWN["site.nfc"] | SHOWN["host.other-organisation"]

    assert weighed(DECISIVE | both).verdict == "REVIEW"


def test_one_troubled_family_alone_is_no_review() -> None:
    odd = seen(fix(accuracy_m=0.0, altitude_m=0))

    assert weighed(odd).concern >= FILE["verdict"]["review_concern"]
    assert weighed(odd).verdict == "SUPPLEMENT"


@pytest.mark.parametrize(("points", "verdict"), [(15, "REVIEW"), (16, "SUPPLEMENT")])
def test_a_family_is_big_from_its_number_on(points: int, verdict: str) -> None:
    bars = weights_with("verdict", review_family_points=points)

    assert weighed(TROUBLED).families["concern"]["env"] == 15
    assert weighed(TROUBLED, bars).verdict == verdict


# -- what would help ---------------------------------------------------------------------


def asked(changes: Said) -> list[str]:
    return [one.code for one in weighed(touch(changes)).missing]


def test_a_code_is_asked_for_only_where_the_place_has_one() -> None:
    assert "ask.site-code" not in asked({})
    assert "ask.site-code" in asked({"trip.site_equipped": True})
    assert "ask.site-code" in asked({"site": {"kind": "printed"}})


@pytest.mark.parametrize(
    "unwilling",
    [
        {"position.state": "refused"},
        {"position.state": "unsupported"},
        {"position.state": "timeout", "trip.location_forbidden": True},
        {"position.state": "timeout", "trip.moving": True},
        {"position.state": "timeout", "trip.places": []},
        {"position.state": "timeout", "phase": "after"},
    ],
)
def test_a_position_is_not_asked_of_who_cannot_or_will_not_give_one(unwilling: Said) -> None:
    assert "ask.position" in asked({"position.state": "timeout"})
    assert "ask.position" not in asked(unwilling)


def test_the_cheapest_comes_first_and_no_more_than_three_are_named() -> None:
    near = beyond_place(0.1, receipts=1, trip__site_equipped=True)

    effort = {item["code"]: item["effort"] for item in FILE["menu"]}
    said = weighed(near)
    assert said.missing_mode == "any"
    assert len(said.missing) == 3
    order = [(effort[one.code], -one.points, one.code) for one in said.missing]
    assert order == sorted(order)


def test_after_what_is_asked_for_the_touch_is_enough() -> None:
    need = touch({"position.state": "refused"})
    assert asked({"position.state": "refused"}) == ["ask.host"]

    assert weighed(need | SHOWN["host.other-organisation"]).verdict == "SUFFICIENT"


def test_where_nothing_helps_a_person_decides() -> None:
    odd = seen(fix(accuracy_m=0.0, altitude_m=0), trip__site_equipped=True)

    said = weighed(odd)
    assert (said.verdict, said.missing_mode, said.missing) == ("SUPPLEMENT", "none", ())


def test_a_policy_no_weights_know_is_refused_in_its_turn() -> None:
    with pytest.raises(FactsRefused) as refused:
        weighed(touch({"trip.policy": "lenient"}))

    assert (refused.value.why, refused.value.path) == ("facts.wrong-value", "/trip/policy")
