"""A signing key leaked: what it signed before that hour is paid, what came after is looked at."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.models import Person, Place
from attest.documents import read_status
from attest.log.leaf import read_leaf
from attest.log.strict64 import encode64
from attest.token import open_token, seal
from ledger.models import Leaf, Outbox, Revoked
from ledger.services.publish_status import publish_status
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.settlement.desk import answers, arrival, code_of, confirmed, ordered, seen, touch
from trips.models import CheckIn, Renewed, State, Trip, TripToken
from trips.receipt import receipt_of
from trips.services.reissue import reissue
from trips.services.seal_trip import seal_trip
from trips.services.withdraw import withdraw
from vault import keyring
from vault.sealed import seal as seal_field


@pytest.fixture(autouse=True)
def keys_of_its_own(key_folder: Path, tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    keyring.forget()
    yield
    keyring.forget()


def test_receipts_from_before_the_leak_are_paid_and_later_ones_are_not_believed(
    felix: Person, ada: Person, bora: Person, site: Place, clock: Clock, capsys: Any
) -> None:
    early = arrival(confirmed(ada, bora, site, starts_at=NOON - timedelta(days=1)))
    late = arrival(confirmed(ada, bora, site))

    call_command("keys", "withdraw", "4301", "--from", "2026-11-23T00:00")

    assert answers(seen(felix, code_of(early))) == ("genuine", "payable")
    said = seen(felix, code_of(late))
    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == "key_not_valid"
    # Its row and its leaf stand: by its number it is found, after a look.
    assert answers(seen(felix, late.spoken, source="typed"))[0] == "by-number"
    # An arrival and a return.
    assert "2 touches of 1 trips since" in capsys.readouterr().out


def test_the_next_touch_is_signed_by_another_key_and_believed(
    felix: Person, ada: Person, bora: Person, site: Place, clock: Clock
) -> None:
    call_command("keys", "withdraw", "4301")
    trip = ordered(ada, bora, site, starts_at=clock.at)
    made = touch(trip, at=clock.later(minutes=1))

    assert answers(seen(felix, code_of(made)))[0] == "genuine"


def test_a_whole_trip_is_sealed_anew_by_the_key_that_follows(
    felix: Person, payable: Trip, clock: Clock
) -> None:
    before = seal_trip(payable, now=clock.at)
    call_command("keys", "withdraw", "5401", "--from", "2026-11-23T00:00:00+09:00")

    after = seal_trip(payable, now=clock.later(minutes=1))

    assert seen(felix, text_of_whole(before))["code"] == "key_not_valid"
    assert answers(seen(felix, text_of_whole(after)))[0] == "genuine"
    assert seal_trip(payable, now=clock.later(minutes=1)) == after


def renew(capsys: Any, *options: str) -> str:
    capsys.readouterr()
    call_command("reissue", *options)
    return str(capsys.readouterr().out)


def leaked_since_midnight() -> None:
    call_command("keys", "withdraw", "4301", "--from", "2026-11-23T00:00")


def test_touches_of_an_open_trip_get_receipts_that_are_believed(
    felix: Person, payable: Trip, clock: Clock, capsys: Any
) -> None:
    touch, old = arrival(payable), code_of(arrival(payable))
    before = opened(touch)
    leaked_since_midnight()

    assert renew(capsys) == "trips=1 touches=2 wholes=0 left=0\n"
    assert seen(felix, old)["code"] == "key_not_valid"
    assert renew(capsys, "--apply") == "trips=1 touches=2 wholes=0 left=0\napplied\n"

    after = arrival(payable)
    assert seen(felix, old)["code"] == "key_not_valid"
    assert answers(seen(felix, code_of(after))) == ("genuine", "payable")
    assert opened(after) == replace(before, cti=bytes(after.cti))
    assert bytes(after.cti) != bytes(touch.cti)
    # What stands on the old sheet still leads to the touch.
    for number in (touch.spoken, after.spoken):
        assert answers(seen(felix, number, source="typed")) == ("by-number", "payable")
    assert renew(capsys, "--apply") == "trips=0 touches=0 wholes=0 left=0\napplied\n"


def test_the_old_id_joins_the_status_list(payable: Trip, clock: Clock) -> None:
    old = bytes(arrival(payable).cti)
    leaked_since_midnight()
    call_command("reissue", "--apply")

    document = bytes(publish_status(now=clock.later(minutes=1)).document)
    said = read_status(
        document,
        keyset=keyring.opener().keyset,
        host=settings.HOST,
        now=int(clock.at.timestamp()),
    )
    assert old in said
    assert bytes(arrival(payable).cti) not in said


def test_the_log_says_which_token_took_the_place_of_which(payable: Trip, clock: Clock) -> None:
    touch = arrival(payable)
    leaked_since_midnight()
    call_command("reissue", "--apply")

    after = arrival(payable)
    leaf = leaf_of(bytes(after.token_leaf))
    assert (leaf["t"], leaf["trip"], leaf["of"]) == ("correction", payable.log_id, touch.leaf_n)
    assert leaf["ofh"] == encode64(bytes(touch.leaf_hash))
    assert leaf["tok"] == encode64(bytes(after.token_hash))
    assert bytes(after.leaf_hash) == bytes(touch.leaf_hash)


def test_the_receipt_of_a_whole_trip_follows_its_touches(
    felix: Person, payable: Trip, clock: Clock, capsys: Any
) -> None:
    before = text_of_whole(seal_trip(payable, now=clock.at))
    leaked_since_midnight()
    renew(capsys, "--apply")

    assert seen(felix, before)["code"] == "trip_mismatch"
    after = seal_trip(Trip.objects.get(pk=payable.pk), now=clock.later(minutes=1))
    assert answers(seen(felix, text_of_whole(after)))[0] == "genuine"


def test_a_whole_receipt_whose_own_key_leaked_joins_the_list(
    felix: Person, payable: Trip, clock: Clock, capsys: Any
) -> None:
    before = seal_trip(payable, now=clock.at)
    call_command("keys", "withdraw", "5401", "--from", "2026-11-23T00:00")

    assert renew(capsys) == "trips=1 touches=0 wholes=1 left=0\n"
    assert renew(capsys, "--apply").startswith("trips=1 touches=0 wholes=1 left=0")
    assert renew(capsys, "--apply").startswith("trips=0 ")
    assert bytes(Revoked.objects.get().cti) == bytes(before.cti)
    after = seal_trip(payable, now=clock.later(minutes=1))
    assert answers(seen(felix, text_of_whole(after)))[0] == "genuine"


def test_the_successor_may_leak_as_well(
    felix: Person, payable: Trip, clock: Clock, capsys: Any
) -> None:
    first = arrival(payable).spoken
    leaked_since_midnight()
    renew(capsys, "--apply")
    call_command("keys", "withdraw", "4302", "--from", "2026-11-23T00:00")

    assert "touches=2" in renew(capsys, "--apply")

    assert answers(seen(felix, code_of(arrival(payable)))) == ("genuine", "payable")
    assert answers(seen(felix, first, source="typed")) == ("by-number", "payable")


def test_what_is_settled_taken_back_or_older_than_the_leak_stays(
    felix: Person, ada: Person, bora: Person, site: Place, clock: Clock, capsys: Any
) -> None:
    early = confirmed(ada, bora, site, starts_at=NOON - timedelta(days=1))
    over = confirmed(ada, bora, site)
    Trip.objects.filter(pk=over.pk).update(state=State.SETTLED)
    taken = ordered(ada, bora, site, starts_at=clock.at)
    withdraw(touch(taken, at=clock.at), person=ada, now=clock.at)
    tokens = set(CheckIn.objects.values_list("token_hash"))
    leaked_since_midnight()

    assert "trips=0 touches=0" in renew(capsys, "--apply")
    assert set(CheckIn.objects.values_list("token_hash")) == tokens
    assert answers(seen(felix, code_of(arrival(early))))[0] == "genuine"


def test_a_row_that_no_touch_made_is_not_made_good(
    payable: Trip, clock: Clock, capsys: Any
) -> None:
    """Whoever holds the leaked key and writes rows still lacks the leaf."""
    touch = arrival(payable)
    forged = replace(opened(touch), kind=3)
    token = seal(forged, sealer=keyring.sealer(at=forged.iat), seed=bytes(32))
    content = seal_field(
        token, key=payable.key("loc"), table="trips_checkin", row=touch.uid, field="token"
    )
    hashed = sha256(token).digest()
    CheckIn.objects.filter(pk=touch.pk).update(token=content, token_hash=hashed)
    leaked_since_midnight()

    said = renew(capsys, "--apply")

    assert said.startswith(f"{payable.number}\tleft 1\ntrips=1 touches=1 wholes=0 left=1\n")
    assert bytes(arrival(payable).token_hash) == hashed


def test_a_stop_half_way_leaves_whole_trips_and_the_next_run_ends_it(
    ada: Person, bora: Person, site: Place, clock: Clock, monkeypatch: Any
) -> None:
    for days in (0, 1, 2):
        confirmed(ada, bora, site, starts_at=NOON + timedelta(days=days))
    clock.later(days=3)
    leaked_since_midnight()
    monkeypatch.setattr("trips.reissuing.PAGE", 1)
    going = reissue(now=clock.at)

    next(going)
    going.close()
    assert Renewed.objects.count() == 2

    assert [fate.touches for fate in reissue(now=clock.at)] == [2, 2]
    assert list(reissue(now=clock.at)) == []


def test_without_a_leak_there_is_nothing_to_renew(payable: Trip, capsys: Any) -> None:
    assert renew(capsys, "--apply") == "trips=0 touches=0 wholes=0 left=0\napplied\n"


def test_the_old_code_before_its_owners_camera_leads_to_the_new_one(
    ada: Person, payable: Trip, clock: Clock
) -> None:
    old = code_of(arrival(payable)).partition("#")[2]
    leaked_since_midnight()
    call_command("reissue", "--apply")

    phone = phone_of(ada)
    url = phone.post("/api/v1/receipts/search", {"digits": old}, format="json").json()["url"]

    assert str(arrival(payable).uid) in url
    number = "-".join(re.findall("....", arrival(payable).spoken))
    assert number in phone.get(url, HTTP_ACCEPT="text/html").content.decode()


def opened(row: CheckIn) -> Any:
    now = int(row.recorded_at.timestamp())
    box = row.box("token")
    assert box is not None
    return open_token(box.open(), opener=keyring.opener(), now=now).claims


def leaf_of(hashed: bytes) -> dict[str, Any]:
    for rows in (Outbox.objects, Leaf.objects):
        if row := rows.filter(leaf_hash=hashed).first():
            return read_leaf(bytes(row.entry))
    raise AssertionError("no such leaf")


def text_of_whole(row: TripToken) -> str:
    return receipt_of(row, reader=row.trip.traveller).text
