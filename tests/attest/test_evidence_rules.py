"""Every rule at its limit and one unit beyond. No limit is written here: the file is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import inf, nextafter
from typing import Any

import pytest

from attest.errors import FactsRefused
from attest.evidence import Weights
from attest.evidence.weights import Limits

from .evidence_facts import (
    FILE,
    RADIUS_M,
    WEIGHTS,
    Said,
    codes,
    fix,
    seen,
    touch,
    weighed,
    weights_with,
)

MODES = ("ground", "sea", "air", "mixed")
FAR_M = 400_000.0

# Other numbers under the same names: what was copied into code would not follow.
OTHERS = weights_with(
    "limits",
    inside_fine_m=90,
    inside_mid_m=800,
    usable_accuracy_m=9_000,
    near_m=1_500,
    varies_min_fixes=6,
    varies_min_points=4,
    identical_min_fixes=4,
    accuracy_presets_m=[2, 160],
    decimals_accuracy_m=80,
    decimals_low=2,
    decimals_few=5,
    address_m=0.8,
    lost_min_fixes=4,
    jump_m=2_500,
    jump_kmh=900,
    old_fix_ms=50_000,
    clock_minutes_s=100,
    clock_days_s=80_000,
    home_utc_offset_min=480,
    same_point_fine_m=12,
    device_new_s=80_000,
    late_1_s=80_000,
    late_2_s=250_000,
    speed_min_gap_m=4_000,
    speed_min_s=10,
    impossible_kmh=980,
    mode_kmh={"ground": 300, "sea": 310, "air": 800, "mixed": 810},
    office_min_km=6,
    office_max_minutes=100,
    office_kmh={"ground": 200, "sea": 210, "air": 400, "mixed": 410},
    site_steps=2,
    stay_s=1_500,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """*code* is told of the touch *here* and not of *beyond*, of which *instead* may be."""

    code: str
    here: Said
    beyond: Said
    instead: str = ""


def more(limit: float) -> float:
    """One unit beyond a limit that is measured, not counted."""
    return nextafter(limit, inf)


def less(limit: float) -> float:
    return nextafter(limit, -inf)


def beyond_place(metres: float, **changes: object) -> Said:
    """A position whose whole circle lies *metres* outside the planned place."""
    return seen(fix(FAR_M, accuracy_m=9_000.0), trip__places=[_place(metres)], **changes)


def _place(metres: float) -> Said:
    # The place comes as near as is asked; what the position claims stays the same.
    near = fix(FAR_M - metres - RADIUS_M - 9_000.0)
    return {"lat": near["lat"], "lon": near["lon"], "radius_m": RADIUS_M}


def several(count: int, points: int) -> list[Said]:
    return [fix(1.0 * min(n, points - 1)) for n in range(count)]


def after(metres: float, seconds: int, **changes: object) -> Said:
    """The touch before was *metres* away, accuracies taken off, *seconds* ago."""
    now, before = fix(0.0, 20.0), fix(-metres - 30.0, 10.0)
    told = {name: before[name] for name in ("lat", "lon", "accuracy_m")}
    return seen(now, previous=told | {"seconds_before": seconds}, **changes)


def jump(metres: float, ms: int) -> Said:
    one, other = fix(0.0, 20.0), fix(metres + 30.0, 10.0)
    return seen(one, other | {"fix_ms": one["fix_ms"] + ms}, trip__places=[])


def coordinates(decimals: int, accuracy_m: float) -> Said:
    where = {"lat": float("35." + "1" * decimals), "lon": float("128." + "3" * decimals)}
    return seen(fix(0.0, accuracy_m) | where, trip__places=[])


def errors(fixes: int, between: int) -> Said:
    return seen(*several(fixes, fixes), position__errors_between=between)


def trace(km: float, minutes: float, mode: str = "ground") -> Said:
    return touch({"office_trace": {"km": km, "minutes": minutes}, "trip.mode": mode})


def site(**said: object) -> Said:
    return touch({"site": said})


def host(relation: str, answer: str = "confirmed") -> Said:
    return touch({"host": {"relation": relation, "answer": answer}})


def who() -> Iterator[Edge]:
    synced, bound = touch(), touch({"signer.synced": False})
    unverified = touch({"signer.user_verified": False})
    kept, none = touch({"signer.kind": "device_key"}), touch({"signer.kind": "none"})
    yield Edge("who.passkey-bound", bound, synced, "who.passkey-synced")
    yield Edge("who.passkey-synced", synced, unverified, "who.passkey-unverified")
    yield Edge("who.passkey-unverified", unverified, kept, "who.device-key")
    yield Edge("who.device-key", kept, none, "who.unsigned")
    yield Edge("who.unsigned", none, bound, "who.passkey-bound")


def place(limits: Limits) -> Iterator[Edge]:
    fine, mid, usable = limits.inside_fine_m, limits.inside_mid_m, limits.usable_accuracy_m
    yield Edge(
        "where.inside-fine",
        seen(fix(accuracy_m=fine)),
        seen(fix(accuracy_m=more(fine))),
        "where.inside-mid",
    )
    yield Edge(
        "where.inside-mid",
        seen(fix(accuracy_m=mid)),
        seen(fix(accuracy_m=more(mid))),
        "where.inside-coarse",
    )
    yield Edge(
        "where.inside-coarse",
        seen(fix(accuracy_m=usable)),
        seen(fix(accuracy_m=more(usable))),
        "place.coarse",
    )
    yield Edge("where.inside-coarse", beyond_place(0.0), beyond_place(0.1), "place.near")
    yield Edge("place.coarse", seen(fix(accuracy_m=more(usable))), seen(fix(accuracy_m=usable)))
    yield Edge(
        "place.near", beyond_place(limits.near_m), beyond_place(limits.near_m + 0.1), "place.far"
    )
    far = beyond_place(limits.near_m + 0.1)
    moved = beyond_place(limits.near_m + 0.1, trip__change_requested=True)
    yield Edge("place.far", far, moved, "place.changed")
    yield Edge("place.changed", moved, beyond_place(limits.near_m, trip__change_requested=True))
    yield Edge("where.recorded", seen(fix(), trip__places=[]), seen(fix()), "where.inside-fine")
    yield Edge("place.unknown", touch(), seen(fix()), "where.inside-fine")
    yield Edge("place.forbidden", seen(fix(), trip__location_forbidden=True), seen(fix()))
    yield Edge("place.moving", seen(fix(), trip__moving=True), seen(fix()))
    jammed = beyond_place(0.1, trip__gnss_disturbed=True)
    yield Edge("place.disturbed", jammed, beyond_place(0.0, trip__gnss_disturbed=True))
    yield Edge("place.disturbed", jammed, beyond_place(0.1), "place.near")
    far_m = 10.0 * limits.jump_m
    # Exactly as fast as is allowed, and a millisecond faster.
    just_ms = int(3_600 * far_m / limits.jump_kmh)
    yield Edge("place.disturbed", jump(limits.jump_m + 0.1, 0), jump(limits.jump_m, 0))
    yield Edge("place.disturbed", jump(far_m, just_ms - 1), jump(far_m, just_ms))
    yield Edge("place.disturbed", jump(far_m, 1 - just_ms), jump(far_m, -just_ms))


def shape(limits: Limits) -> Iterator[Edge]:
    count, points = limits.varies_min_fixes, limits.varies_min_points
    yield Edge("where.varies", seen(*several(count, points)), seen(*several(count - 1, points)))
    yield Edge("where.varies", seen(*several(count, points)), seen(*several(count, points - 1)))
    same = limits.identical_min_fixes
    one = fix(50.0)
    yield Edge("fix.identical", seen(*[one] * same), seen(*[one] * (same - 1)))
    yield Edge("fix.identical", seen(*[one] * same), seen(*[one] * same, fix(50.0, 20.1)))
    near, off = fix(limits.address_m - 0.1), fix(limits.address_m)
    yield Edge("fix.equals-address", seen(*[near] * same), seen(*[off] * same))
    yield Edge("fix.equals-address", seen(*[near] * same), seen(*[near] * (same - 1)))
    zero, almost = seen(fix(accuracy_m=0.0)), seen(fix(accuracy_m=more(0.0)))
    yield Edge("fix.accuracy-zero", zero, almost)
    for preset in limits.accuracy_presets_m:
        for other in (more(preset), less(preset)):
            exactly, beside = seen(fix(accuracy_m=preset)), seen(fix(accuracy_m=other))
            yield Edge("fix.accuracy-preset", exactly, beside)
    level = [fix(n, altitude_m=0) for n in range(2)]
    yield Edge("fix.altitude-zero", seen(*level), seen(*level, fix(altitude_m=0.1)))
    yield Edge("fix.altitude-zero", seen(*level), seen(*level, fix()))
    low, few, fine = limits.decimals_low, limits.decimals_few, limits.decimals_accuracy_m
    yield Edge(
        "fix.decimals-3", coordinates(low, fine), coordinates(low + 1, fine), "fix.decimals-4"
    )
    yield Edge("fix.decimals-3", coordinates(low, fine), coordinates(low, more(fine)))
    yield Edge("fix.decimals-4", coordinates(few, fine), coordinates(few + 1, fine))
    yield Edge("fix.decimals-4", coordinates(few, fine), coordinates(few, more(fine)))
    least = limits.lost_min_fixes
    yield Edge("fix.lost-between", errors(least, least - 1), errors(least, least - 2))
    yield Edge("fix.lost-between", errors(least, least - 1), errors(least - 1, least - 1))


def times(limits: Limits) -> Iterator[Edge]:
    first = fix()
    level, back = first, first | {"fix_ms": first["fix_ms"] - 1}
    yield Edge("time.backwards", seen(first, back), seen(first, level))
    old = first | {"fix_ms": first["seen_ms"] - limits.old_fix_ms - 1}
    fresh = first | {"fix_ms": first["seen_ms"] - limits.old_fix_ms}
    yield Edge("time.old-fix", seen(old), seen(fresh))
    yield Edge("time.old-fix", seen(old), seen(old, delivery__mode="offline"))
    for sign in (1, -1):
        minutes, days = sign * limits.clock_minutes_s, sign * limits.clock_days_s
        yield Edge(
            "time.clock-minutes",
            touch({"delivery.clock_skew_s": minutes + sign}),
            touch({"delivery.clock_skew_s": minutes}),
        )
        yield Edge(
            "time.clock-days",
            touch({"delivery.clock_skew_s": days + sign}),
            touch({"delivery.clock_skew_s": days}),
            "time.clock-minutes",
        )
    yield Edge("time.outside-bounds", touch({"delivery.inside_bounds": False}), touch())
    late, later = limits.late_1_s, limits.late_2_s
    yield Edge(
        "flow.late-24h", touch({"delivery.delay_s": late + 1}), touch({"delivery.delay_s": late})
    )
    yield Edge(
        "flow.late-72h",
        touch({"delivery.delay_s": later + 1}),
        touch({"delivery.delay_s": later}),
        "flow.late-24h",
    )


def presence(limits: Limits) -> Iterator[Edge]:
    for mode in MODES:
        kmh = limits.mode_kmh.of(mode)
        # In an hour, a thousand metres are one km/h; what is left over is rounded off.
        yield Edge(
            "presence.over-mode-speed",
            after(1_000 * kmh + 500.0, 3_600, trip__mode=mode),
            after(1_000 * kmh + 499.9, 3_600, trip__mode=mode),
        )
        yield Edge(
            "presence.impossible-speed",
            after(1_000 * limits.impossible_kmh + 500.0, 3_600, trip__mode=mode),
            after(1_000 * limits.impossible_kmh + 499.9, 3_600, trip__mode=mode),
            "presence.over-mode-speed",
        )
        allowed = limits.office_kmh.of(mode)
        yield Edge(
            "presence.office-trace", trace(more(allowed), 60, mode), trace(allowed, 60, mode)
        )
        yield Edge(
            "presence.office-trace", trace(more(allowed), -60, mode), trace(allowed, -60, mode)
        )
    near_km, most = limits.office_min_km, limits.office_max_minutes
    # A quarter of a minute counts as one: five kilometres in no time are enough.
    yield Edge("presence.office-trace", trace(near_km, 0.25), trace(less(near_km), 0.25))
    yield Edge("presence.office-trace", trace(2_000, most), trace(2_000, more(most)))
    yield Edge("presence.office-trace", trace(2_000, -most), trace(2_000, -more(most)))


def cross(limits: Limits) -> Iterator[Edge]:
    fine = limits.same_point_fine_m
    other = {"cross__same_point": "other"}
    here, beyond = seen(fix(accuracy_m=less(fine)), **other), seen(fix(accuracy_m=fine), **other)
    yield Edge("cross.same-point-fine", here, beyond, "cross.same-point-coarse")
    yield Edge("cross.same-point-coarse", beyond, here, "cross.same-point-fine")
    together = seen(fix(), cross__same_point="companion")
    yield Edge("cross.companion", together, seen(fix(), cross__same_point="no"))
    copied = seen(fix(), cross__burst_copied=True)
    yield Edge("cross.burst-copied", copied, touch({"cross.burst_copied": True}))
    yield Edge("cross.burst-copied", copied, seen(fix()))
    said_no = host("other_organisation", "denied")
    yield Edge("cross.host-denies", said_no, host("other_organisation"), "host.other-organisation")


def witnesses(limits: Limits) -> Iterator[Edge]:
    steps = limits.site_steps
    for off in (steps, -steps):
        beyond = off + off // steps
        here, late = site(kind="rotating", steps_off=off), site(kind="rotating", steps_off=beyond)
        yield Edge("site.rotating", here, late, "flow.site-code-stale")
        yield Edge("flow.site-code-stale", late, here, "site.rotating")
    used = site(kind="nfc", counter_fresh=False)
    yield Edge("site.nfc", site(kind="nfc"), used, "flow.site-code-stale")
    yield Edge("site.printed", site(kind="printed", counter_fresh=False), touch())
    for relation in ("other_organisation", "guest_link", "teammate"):
        code = "host." + relation.replace("_", "-")
        yield Edge(code, host(relation), host(relation, "denied"), "cross.host-denies")
    yield Edge("paper.receipts", touch({"receipts": 1}), touch({"receipts": 0}))
    yield Edge(
        "stay.both-ends", touch({"stay_s": limits.stay_s}), touch({"stay_s": limits.stay_s - 1})
    )
    shown, signed = touch({"photo": "challenge_code"}), touch({"photo": "content_credentials"})
    yield Edge("photo.challenge-code", shown, signed, "photo.content-credentials")
    yield Edge("photo.content-credentials", signed, touch({"photo": "none"}))


def device(limits: Limits) -> Iterator[Edge]:
    yield Edge("env.automated", touch({"device.automated": True}), touch())
    desk, lap = touch({"device.form": "desktop"}), touch({"device.form": "tablet"})
    yield Edge("env.desktop", desk, lap)
    yield Edge("env.patched", touch({"device.patched": True}), touch())
    silent: Said = {"device.motion": "silent", "device.motion_before": True}
    for not_so in ({"device.motion": "refused"}, {"device.motion_before": False}):
        yield Edge("env.motion-silent", touch(silent), touch(silent | not_so))
    shared, told = touch({"device.shared": "undeclared"}), touch({"device.shared": "declared"})
    yield Edge("device.one-for-several", shared, told, "device.shared-declared")
    yield Edge("device.shared-declared", told, touch())
    new = touch({"device.enrolled_s": limits.device_new_s - 1})
    yield Edge("device.new", new, touch({"device.enrolled_s": limits.device_new_s}))
    yield Edge("device.new", new, touch({"device.enrolled_s": None}))
    yield Edge("device.shadow", touch({"device.shadow": True}), touch())
    yield Edge("flow.self-approval", touch({"trip.self_approved": True}), touch())


def network(limits: Limits) -> Iterator[Edge]:
    home = limits.home_utc_offset_min
    away: Said = {"trip.abroad": True}
    for kind in ("hosting", "vpn"):
        yield Edge("net.hosting", touch({"network": kind} | away), touch({"network": "domestic"}))
    foreign: Said = {"network": "foreign"}
    yield Edge("net.foreign", touch(foreign), touch(foreign | away), "net.ordinary")
    yield Edge("net.ordinary", touch({"network": "domestic"}), touch({"network": "unknown"}))
    yield Edge("net.ordinary", touch(foreign | away), touch(foreign), "net.foreign")
    for offset in (home - 1, home + 1):
        elsewhere: Said = {"device.utc_offset_min": offset}
        yield Edge("net.time-zone", touch(elsewhere), touch({"device.utc_offset_min": home}))
        yield Edge("net.time-zone", touch(elsewhere), touch(elsewhere | away))


def integrity() -> Iterator[Edge]:
    for signature in ("invalid", "absent"):
        wrong: Said = {"signer.signature": signature}
        yield Edge("integrity.signature", touch(wrong), touch(wrong | {"signer.kind": "none"}))
        yield Edge("integrity.signature", touch(wrong), touch())
    lost: Said = {"signer.revoked": True}
    yield Edge("integrity.device-revoked", touch(lost), touch(lost | {"signer.kind": "none"}))
    for state in ("reused", "unknown", "foreign"):
        yield Edge(f"integrity.challenge-{state}", touch({"challenge.state": state}), touch())
    yield Edge(
        "integrity.challenge-expired",
        touch({"challenge.age_s": 601}),
        touch({"challenge.age_s": 600}),
    )


def policies() -> Iterator[Edge]:
    for policy, groups in FILE["policies"].items():
        asked = {"trip.policy": policy}
        for group in groups:
            for shown in group["any"]:
                met = touch(asked | SHOWN[shown])
                yield Edge(group["code"], touch(asked), met, shown)


SHOWN: dict[str, Said] = {
    "site.rotating": {"site": {"kind": "rotating"}},
    "site.nfc": {"site": {"kind": "nfc"}},
    "host.other-organisation": {"host": {"relation": "other_organisation", "answer": "confirmed"}},
    "host.guest-link": {"host": {"relation": "guest_link", "answer": "confirmed"}},
    "stay.both-ends": {"stay_s": FILE["limits"]["stay_s"] + 1},
    "paper.receipts": {"receipts": 1},
}


def edges(weights: Weights) -> list[Edge]:
    limits = weights.limits
    told = (place, shape, times, presence, cross, witnesses, device, network)
    return [
        *chain.from_iterable(rules(limits) for rules in told),
        *chain(who(), integrity(), policies()),
    ]


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
