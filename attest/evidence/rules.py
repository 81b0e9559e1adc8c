"""Every rule of evidence.md §4 in the order it is written there.

Each looks at the facts and says what it saw; what that is worth stands in the weights.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import position
from .facts import Facts
from .position import whole
from .reasons import Seen
from .weights import Limits


def integrity(facts: Facts) -> Iterator[Seen]:
    """Whether the record is what was asked for and signed: all that hold."""
    signer, challenge = facts.signer, facts.challenge
    if signer.kind != "none" and signer.signature != "valid":
        yield Seen("integrity.signature")
    if signer.kind != "none" and signer.revoked:
        yield Seen("integrity.device-revoked")
    if challenge.state != "fresh":
        yield Seen(f"integrity.challenge-{challenge.state}")
    if challenge.age_s > challenge.life_s:
        yield Seen("integrity.challenge-expired")


def everything(facts: Facts, limits: Limits) -> Iterator[Seen]:
    """All that a record of whole integrity shows; at least who made it."""
    sight = position.sight_of(facts, limits)
    yield who(facts)
    yield position.place(sight, facts, limits)
    yield from position.shape(sight, facts, limits)
    if sight.fixes and facts.cross.burst_copied:
        yield Seen("cross.burst-copied")
    yield from witnesses(facts, limits)
    yield from environment(facts)
    yield from times(facts, limits)
    yield from network(facts, limits)
    yield from office(facts, limits)
    yield from device(facts, limits)
    if facts.trip.self_approved:
        yield Seen("flow.self-approval")


def who(facts: Facts) -> Seen:
    signer = facts.signer
    if signer.kind == "none":
        return Seen("who.unsigned")
    if signer.kind == "device_key":
        return Seen("who.device-key")
    if not signer.user_verified:
        return Seen("who.passkey-unverified")
    return Seen("who.passkey-synced" if signer.synced else "who.passkey-bound")


def witnesses(facts: Facts, limits: Limits) -> Iterator[Seen]:
    yield from _site(facts, limits)
    yield from _host(facts)
    if facts.receipts:
        yield Seen("paper.receipts", {"count": facts.receipts}, times=facts.receipts)
    if facts.stay_s is not None and facts.stay_s >= limits.stay_s:
        yield Seen("stay.both-ends", {"minutes": facts.stay_s // 60})
    if facts.photo == "challenge_code":
        yield Seen("photo.challenge-code")
    elif facts.photo == "content_credentials":
        yield Seen("photo.content-credentials")


def _site(facts: Facts, limits: Limits) -> Iterator[Seen]:
    site = facts.site
    if site is None:
        return
    if site.kind == "printed":
        yield Seen("site.printed")
    elif site.kind == "rotating" and abs(site.steps_off) <= limits.site_steps:
        yield Seen("site.rotating")
    elif site.kind == "nfc" and site.counter_fresh:
        yield Seen("site.nfc")
    else:
        yield Seen("flow.site-code-stale")


def _host(facts: Facts) -> Iterator[Seen]:
    if facts.host is None:
        return
    if facts.host.answer == "denied":
        yield Seen("cross.host-denies")
    else:
        yield Seen("host." + facts.host.relation.replace("_", "-"))


def environment(facts: Facts) -> Iterator[Seen]:
    device = facts.device
    if device.automated:
        yield Seen("env.automated")
    if device.form == "desktop":
        yield Seen("env.desktop")
    if device.patched:
        yield Seen("env.patched")
    # Silence counts only where the sensor used to speak; a refusal never does.
    if device.motion == "silent" and device.motion_before:
        yield Seen("env.motion-silent")


def times(facts: Facts, limits: Limits) -> Iterator[Seen]:
    delivery = facts.delivery
    skew_s = abs(delivery.clock_skew_s)
    if skew_s > limits.clock_days_s:
        yield Seen("time.clock-days")
    elif skew_s > limits.clock_minutes_s:
        yield Seen("time.clock-minutes")
    if not delivery.inside_bounds:
        yield Seen("time.outside-bounds")
    late = {"hours": delivery.delay_s // 3600}
    if delivery.delay_s > limits.late_2_s:
        yield Seen("flow.late-72h", late)
    elif delivery.delay_s > limits.late_1_s:
        yield Seen("flow.late-24h", late)


def network(facts: Facts, limits: Limits) -> Iterator[Seen]:
    if facts.network in ("hosting", "vpn"):
        yield Seen("net.hosting")
    elif facts.network == "foreign" and not facts.trip.abroad:
        yield Seen("net.foreign")
    elif facts.network in ("domestic", "foreign"):
        yield Seen("net.ordinary")
    offset = facts.device.utc_offset_min
    if offset is not None and not facts.trip.abroad and offset != limits.home_utc_offset_min:
        yield Seen("net.time-zone")


def office(facts: Facts, limits: Limits) -> Iterator[Seen]:
    """The same person at the office, too near in time to have come from there."""
    trace = facts.office_trace
    if trace is None or trace.km < limits.office_min_km:
        return
    minutes = abs(trace.minutes)
    if minutes > limits.office_max_minutes:
        return
    if trace.km / (max(minutes, 1) / 60) > limits.office_kmh.of(facts.trip.mode):
        yield Seen("presence.office-trace", {"minutes": whole(minutes), "km": whole(trace.km)})


def device(facts: Facts, limits: Limits) -> Iterator[Seen]:
    device = facts.device
    if device.shared == "undeclared":
        yield Seen("device.one-for-several", {"count": device.people})
    elif device.shared == "declared":
        yield Seen("device.shared-declared")
    if device.enrolled_s is not None and device.enrolled_s < limits.device_new_s:
        yield Seen("device.new")
    if device.shadow:
        yield Seen("device.shadow")
