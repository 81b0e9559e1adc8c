"""One code over all touches of a trip: it opens to them, and to nothing else."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_bytes
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Organisation, Person, Place
from attest.claims import TripClaims, trip_digest
from attest.errors import TokenRefused
from attest.keys import Sealer, Use
from attest.token import seal, text_of
from ledger.models import Access
from settlement.models import Verification
from tests.conftest import NOON, phone_of
from tests.settlement.desk import (
    EVENING,
    answers,
    arrival,
    code_of,
    confirmed,
    fixes_at,
    key_of,
    names,
    seen,
    touch,
)
from trips.models import CheckIn, Trip, TripToken
from trips.receipt import receipt_of
from trips.selectors import members_of
from trips.services.seal_trip import seal_trip
from trips.services.withdraw import withdraw
from vault import keyring

LATER = EVENING - timedelta(minutes=30)


def whole(trip: Trip, *, now: Any = LATER) -> TripToken:
    return seal_trip(Trip.objects.get(pk=trip.pk), now=now)


def text_for(trip: Trip, *, now: Any = LATER) -> str:
    return receipt_of(whole(trip, now=now), reader=trip.traveller).text


def trip_sealer() -> Sealer:
    return keyring.sealer(at=int(EVENING.timestamp()), use=Use.TRIP)


def forged(trip: Trip, sealer: Sealer, /, **other: Any) -> str:
    """What the holder of these keys writes, without our rows."""
    members = members_of(trip)
    said: dict[str, Any] = {
        "sub": trip.traveller.alias,
        "iat": int(EVENING.timestamp()),
        "cti": token_bytes(8),
        "trip": trip.number,
        "count": len(members),
        "digest": trip_digest(members),
    }
    claims = TripClaims(**(said | other))
    return text_of(seal(claims, sealer=sealer, seed=token_bytes(32)), settings.HOST)


def another_touch(trip: Trip, kind: str = "arrive") -> CheckIn:
    key = key_of(trip.traveller)
    return touch(trip, at=LATER, key=key, kind=kind, fixes=fixes_at(LATER))


def test_one_code_shows_the_whole_trip(felix: Person, payable: Trip) -> None:
    said = seen(felix, text_for(payable))

    assert answers(said) == ("genuine", "payable")
    assert said["whole"] == {"count": 2, "number": whole(payable).spoken}
    assert said["trip"]["number"] == payable.number
    assert said["check_in"]["kind"] == "return"
    assert said["payable"]["won"] == 20_000
    assert said["genuine"]["reason"].endswith("발급(출장 전체, 확인 2건), 서명과 원장 기록 일치")
    kept = Verification.objects.get()
    assert bytes(kept.cti or b"") == bytes(whole(payable).cti)
    assert kept.check_in == payable.check_ins.last()


def test_a_code_of_one_touch_speaks_of_no_whole(felix: Person, payable: Trip) -> None:
    assert seen(felix, code_of(arrival(payable)))["whole"] is None


def test_it_is_a_look_at_the_traveller(felix: Person, payable: Trip) -> None:
    seen(felix, text_for(payable))

    look = Access.objects.get()
    assert (look.actor, look.subjects.get().person) == (felix, payable.traveller)


def test_nothing_new_is_sealed_while_nothing_changed(payable: Trip) -> None:
    first = whole(payable)

    assert whole(payable, now=EVENING) == first
    assert TripToken.objects.count() == 1


def test_a_further_touch_makes_a_newer_one_and_the_old_one_fits_no_more(
    felix: Person, payable: Trip
) -> None:
    old = text_for(payable)
    another_touch(payable)
    new = text_for(payable)

    stale = seen(felix, old)
    assert answers(stale) == ("unverifiable", "waiting")
    assert stale["code"] == "trip_mismatch"
    assert "가장 새" in stale["genuine"]["cure"]
    assert not {name for name in ("person", "trip", "whole") if stale.get(name)}
    assert answers(seen(felix, new))[0] == "genuine"
    assert whole(payable).count == 3


def test_a_touch_taken_back_makes_the_code_unfit(felix: Person, payable: Trip) -> None:
    extra = another_touch(payable)
    code = text_for(payable)
    withdraw(extra, person=payable.traveller, now=LATER + timedelta(seconds=5))

    assert seen(felix, code)["code"] == "trip_mismatch"
    assert answers(seen(felix, text_for(payable)))[0] == "genuine"


def test_when_every_touch_is_taken_back_it_fits_nothing(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = confirmed(ada, bora, site)
    code = text_for(trip)
    trip.check_ins.update(withdrawn_at=EVENING)

    assert seen(felix, code)["code"] == "trip_mismatch"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({}, "no_record"),
        ({"count": 1}, "no_record"),
        ({"digest": bytes(32)}, "no_record"),
    ],
)
def test_the_signing_key_alone_makes_no_trip(
    felix: Person, payable: Trip, other: dict[str, Any], code: str
) -> None:
    text = forged(payable, trip_sealer(), **other)

    said = seen(felix, text)

    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == code


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"count": 1}, "trip_mismatch"),
        ({"count": 3}, "trip_mismatch"),
        ({"digest": bytes(32)}, "trip_mismatch"),
        ({"trip": "BT26-999999"}, "no_record"),
        ({"sub": "NOBODY"}, "no_record"),
    ],
)
def test_a_known_id_does_not_help_other_claims(
    felix: Person, payable: Trip, other: dict[str, Any], code: str
) -> None:
    sealer = trip_sealer()
    text = forged(payable, sealer, cti=bytes(whole(payable).cti), **other)

    said = seen(felix, text)

    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == code


def test_a_key_for_touches_seals_no_trip(payable: Trip) -> None:
    with pytest.raises(TokenRefused):
        forged(payable, keyring.sealer(at=int(EVENING.timestamp())))


@pytest.mark.parametrize("field", ["recorded_at", "cti"])
def test_a_row_changed_behind_our_back_fits_no_more(
    felix: Person, payable: Trip, field: str
) -> None:
    code = text_for(payable)
    other = {"recorded_at": NOON + timedelta(seconds=1), "cti": token_bytes(8)}
    CheckIn.objects.filter(pk=arrival(payable).pk).update(**{field: other[field]})

    assert seen(felix, code)["code"] == "trip_mismatch"


def test_a_touch_the_log_does_not_know_makes_the_whole_unknown(
    felix: Person, payable: Trip
) -> None:
    """Not only the newest is looked up: here it is the first of two."""
    code = text_for(payable)
    CheckIn.objects.filter(pk=arrival(payable).pk).update(token_hash=token_bytes(32))

    said = seen(felix, code)

    assert said["code"] == "no_record"
    assert Verification.objects.get().refused_at == "log"


def test_its_number_finds_it_too(felix: Person, payable: Trip) -> None:
    number = whole(payable).spoken

    said = seen(felix, f"{number[:4]}-{number[4:8]}-{number[8:]}".lower(), source="typed")

    assert answers(said) == ("by-number", "payable")
    assert said["whole"]["number"] == number


def test_an_old_number_fits_no_more(felix: Person, payable: Trip) -> None:
    number = whole(payable).spoken
    another_touch(payable)

    said = seen(felix, number, source="typed")

    assert said["code"] == "trip_mismatch"
    assert said["genuine"]["reason"] == "방문 기록과 맞지 않습니다"
    assert not said.get("person")


def test_another_office_finds_nothing(felix: Person, payable: Trip) -> None:
    code, number = text_for(payable), whole(payable).spoken
    elsewhere = Organisation.objects.create(name="다른시청", rule_set="kr-national")
    Person.objects.filter(pk=felix.pk).update(organisation=elsewhere)
    felix.refresh_from_db()

    for said in (seen(felix, code), seen(felix, number, source="typed")):
        assert said["code"] == "no_record"
        assert not said.get("trip")


def test_a_clash_of_numbers_draws_again(payable: Trip, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dice fall on a touch's own id first."""
    taken, free = bytes(arrival(payable).cti), token_bytes(8)
    rolls = iter([taken, free])
    monkeypatch.setattr(
        "trips.writing.token_bytes",
        lambda size: next(rolls) if size == 8 else token_bytes(size),
    )

    assert bytes(whole(payable).cti) == free


def test_the_token_lies_sealed(payable: Trip) -> None:
    token = receipt_of(whole(payable), reader=payable.traveller).digits
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM trips_triptoken")
        (kept,) = cursor.fetchone()

    assert bytes(kept)[:1] == b"\x01"
    assert token.encode() not in bytes(kept)


# --- the traveller's side ---------------------------------------------------------------


def test_the_traveller_is_given_it(ada: Person, payable: Trip) -> None:
    said = phone_of(ada).get(f"/api/v1/trips/{payable.uid}/token").json()

    assert said["count"] == 2
    assert said["text"].endswith(said["digits"])
    assert said["text"] == text_for(payable)
    assert said["spoken"] == whole(payable).spoken


def test_the_page_of_the_trip_draws_it_with_its_number(ada: Person, payable: Trip) -> None:
    page = phone_of(ada).get(f"/trips/{payable.uid}/").content.decode()
    number = whole(payable).spoken

    assert "출장 전체" in page
    assert f"{number[:4]}-{number[4:8]}-{number[8:]}" in page
    assert page.count('shape-rendering="crispEdges"') == 1


@pytest.mark.parametrize("who", ["bora", "felix", "mallory"])
def test_nobody_else_is_given_it(who: str, payable: Trip, request: pytest.FixtureRequest) -> None:
    other = phone_of(request.getfixturevalue(who))

    assert other.get(f"/api/v1/trips/{payable.uid}/token").status_code == 404
    assert not TripToken.objects.exists()
    assert not names("ada", other.get(f"/trips/{payable.uid}/"))


def test_a_trip_without_a_touch_has_none(ada: Person, bora: Person, site: Place) -> None:
    trip = confirmed(ada, bora, site)
    trip.check_ins.update(withdrawn_at=EVENING)

    assert phone_of(ada).get(f"/api/v1/trips/{trip.uid}/token").status_code == 404
    assert "출장 전체" not in phone_of(ada).get(f"/trips/{trip.uid}/").content.decode()
