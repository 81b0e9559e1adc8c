"""What each rule holds at its limit and not beyond. No limit is written here: the file is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import inf, nextafter

from attest.evidence import Weights
from attest.evidence.weights import Limits

from .evidence_facts import (
    FILE,
    RADIUS_M,
    Said,
    fix,
    seen,
    touch,
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
