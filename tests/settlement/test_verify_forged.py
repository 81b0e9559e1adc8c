"""What is not ours, not signed by us, or not in our log is never genuine, and says nothing."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from accounts.models import Organisation, Person, Place
from attest.log.leaf import CheckedIn
from attest.token import text_of
from ledger.models import AccessSubject, Leaf, Outbox
from ledger.sequencer import run
from ledger.services.append import append
from ledger.services.create_keys import create_keys
from settlement.models import Verification
from settlement.services.verify import verify
from tests.clock import Clock
from tests.conftest import NOON
from tests.settlement.desk import (
    EVENING,
    answers,
    arrival,
    claims_of,
    code_of,
    ordered,
    sealed_by,
    seen,
    token_of,
)
from trips.models import Trip
from vault import keyring

# All that may be said before a signature held.
NOTHING = {"id", "at", "source", "code", "genuine", "payable"}
FOREIGN_HOST = "TRIP.OTHER.KR"


def told(said: dict[str, Any]) -> set[str]:
    return {name for name, value in said.items() if value is not None}


# -- not ours -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "noise",
    [
        "1234567890" * 65,
        "7" * 651,
        "9" * 17,
        "0",
        "여비",
        "https://example.kr/",
        "HTTPS://LOCALHOST:8000/V#",
        "#" * 700,
        "１２３４５" * 100,
    ],
)
def test_random_digits_are_not_ours(felix: Person, noise: str) -> None:
    said = seen(felix, noise)

    assert answers(said) == ("not-ours", "waiting")
    assert said["code"] == "malformed"
    assert told(said) == NOTHING


def test_the_code_of_another_host_is_another_bodys(felix: Person, payable: Trip) -> None:
    number = code_of(arrival(payable)).partition("#")[2]
    said = seen(felix, f"HTTPS://{FOREIGN_HOST}/V#{number}")

    assert answers(said) == ("not-ours", "waiting")
    assert said["code"] == "wrong_host"
    assert said["genuine"]["answer"] == "다른 기관의 코드입니다"


# -- cannot be verified -----------------------------------------------------------------


def regions(token: bytes) -> dict[str, int]:
    """Where the parts of a sealed token lie (token.md §3)."""
    protected = next(lock for lock in keyring.opener().locks if lock in token)
    head = token.index(protected) + len(protected)
    return {
        "key number": head - 1,
        "ephemeral key": head + 30,
        "ciphertext": head + 90,
        "tag": len(token) - 1,
    }


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("key number", "unknown_key"),
        ("ephemeral key", "decrypt_failed"),
        ("ciphertext", "decrypt_failed"),
        ("tag", "decrypt_failed"),
    ],
)
def test_one_flipped_bit_anywhere_is_never_genuine(
    felix: Person, payable: Trip, region: str, code: str
) -> None:
    token = bytearray(token_of(payable))
    token[regions(bytes(token))[region]] ^= 1

    said = seen(felix, text_of(bytes(token), keyring.opener().host))

    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == code
    assert told(said) == NOTHING


def test_no_flipped_byte_of_a_token_is_genuine(felix: Person, payable: Trip) -> None:
    token = token_of(payable)
    host = keyring.opener().host

    judged = set()
    for place in range(0, len(token), 3):
        flipped = token[:place] + bytes([token[place] ^ 0x10]) + token[place + 1 :]
        answer = verify(
            clerk=felix, text=text_of(flipped, host), source="camera", address="", now=EVENING
        )
        judged.add((answer.row.genuine, answer.touch))
    assert judged == {("unverifiable", None), ("not-ours", None)}


@pytest.mark.parametrize("cut", [1, 17, 100, 400])
def test_a_truncated_code_is_refused(felix: Person, payable: Trip, cut: int) -> None:
    said = seen(felix, code_of(arrival(payable))[:-cut])

    assert said["genuine"]["code"] in {"not-ours", "unverifiable"}
    assert said["payable"]["code"] == "waiting"
    assert told(said) == NOTHING


def test_a_token_of_foreign_keys_is_refused(
    felix: Person, payable: Trip, tmp_path: Any, settings: Any
) -> None:
    claims = claims_of(payable)
    create_keys(folder=tmp_path / "theirs", since=NOON - timedelta(days=60), now=NOON)
    ours, settings.KEY_FOLDER = settings.KEY_FOLDER, tmp_path / "theirs"
    keyring.forget()
    forged = sealed_by(keyring.sealer(at=int(NOON.timestamp())), claims)
    settings.KEY_FOLDER = ours
    keyring.forget()

    said = seen(felix, forged)

    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] in {"unknown_key", "decrypt_failed", "bad_signature"}
    assert told(said) == NOTHING


@pytest.mark.parametrize(
    "other",
    [
        {"cti": b"no such!"},
        {"trip": "BT26-999999"},
        {"sub": "ABCDEFGHJ"},
        {"iat": int(NOON.timestamp()) + 1},
    ],
)
def test_what_our_own_key_signed_without_a_row_is_not_genuine(
    felix: Person, payable: Trip, other: dict[str, Any]
) -> None:
    """Whoever holds the signing key still lacks the record."""
    forged = sealed_by(keyring.sealer(at=int(NOON.timestamp())), claims_of(payable, **other))

    said = seen(felix, forged)

    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == "no_record"
    assert told(said) == NOTHING


def test_a_token_from_the_future_is_refused(felix: Person, payable: Trip, clock: Clock) -> None:
    clock.at = NOON - timedelta(seconds=61)
    said = seen(felix, code_of(arrival(payable)))

    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == "not_yet_valid"


def test_a_token_ages(felix: Person, payable: Trip, clock: Clock) -> None:
    clock.at = NOON + timedelta(days=8 * 366)
    code = code_of(arrival(payable))
    answer = verify(clerk=felix, text=code, source="camera", address="", now=clock.at)

    assert (answer.row.genuine, answer.row.code) == ("unverifiable", "expired")


def test_a_clerk_of_another_office_finds_no_record(
    felix: Person, payable: Trip, hall: Organisation
) -> None:
    elsewhere = Organisation.objects.create(name="다른시청", rule_set="kr-national")
    Person.objects.filter(pk=felix.pk).update(organisation=elsewhere)
    felix.refresh_from_db()

    said = seen(felix, code_of(arrival(payable)))

    assert said["code"] == "no_record"
    assert told(said) == NOTHING


# -- signature and log agree ---------------------------------------------------------------


def test_it_is_genuine_while_its_leaf_waits_and_once_it_has_its_place(
    felix: Person, payable: Trip
) -> None:
    code = code_of(arrival(payable))
    assert Outbox.objects.filter(leaf_hash=bytes(arrival(payable).leaf_hash)).exists()
    assert answers(seen(felix, code)) == ("genuine", "payable")

    run(now=EVENING)
    assert Leaf.objects.filter(leaf_hash=bytes(arrival(payable).leaf_hash)).exists()
    assert answers(seen(felix, code)) == ("genuine", "payable")


def without_leaf(trip: Trip) -> None:
    Outbox.objects.filter(leaf_hash=bytes(arrival(trip).leaf_hash)).delete()


def with_another_token(trip: Trip) -> None:
    trip.check_ins.filter(pk=arrival(trip).pk).update(token_hash=sha256(b"another").digest())


def with_the_leaf_of_the_return(trip: Trip) -> None:
    other = trip.check_ins.get(kind="return")
    trip.check_ins.filter(pk=arrival(trip).pk).update(
        leaf_hash=other.leaf_hash, token_leaf=other.leaf_hash
    )


def with_an_edited_leaf(trip: Trip) -> None:
    row = Outbox.objects.get(leaf_hash=bytes(arrival(trip).leaf_hash))
    row.entry = bytes(row.entry).replace(b'"v":1', b'"v":2')
    row.save()


def with_the_leaf_of_the_order(trip: Trip) -> None:
    trip.check_ins.filter(pk=arrival(trip).pk).update(
        leaf_hash=trip.open_hash, token_leaf=trip.open_hash
    )


def with_another_leaf_than_the_one_that_names_its_token(trip: Trip) -> None:
    trip.check_ins.filter(pk=arrival(trip).pk).update(leaf_hash=trip.open_hash)


TAMPERED = [
    without_leaf,
    with_another_token,
    with_the_leaf_of_the_return,
    with_an_edited_leaf,
    with_the_leaf_of_the_order,
    with_another_leaf_than_the_one_that_names_its_token,
]


@pytest.mark.parametrize("tampered", TAMPERED)
@pytest.mark.parametrize("source", ["camera", "typed"])
def test_a_row_the_log_does_not_know_is_not_genuine(
    felix: Person, payable: Trip, tampered: Any, source: str
) -> None:
    texts = {"camera": code_of(arrival(payable)), "typed": arrival(payable).spoken}
    tampered(payable)

    said = seen(felix, texts[source], source=source)

    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == "no_record"
    assert told(said) == NOTHING
    assert Verification.objects.get().refused_at == "log"
    assert not AccessSubject.objects.exists()


def test_a_leaf_of_another_trip_does_not_help(
    felix: Person, payable: Trip, mallory: Person, bora: Person, site: Place
) -> None:
    """A leaf with the right token hash, but in the line of somebody else's trip."""
    other = ordered(mallory, bora, site)
    event = CheckedIn(
        tok=bytes(arrival(payable).token_hash),
        who={"person": mallory.ref},
        what={"kind": "arrive"},
    )
    leaf = append(event=event, trip=other.line, at=NOON)
    payable.check_ins.filter(pk=arrival(payable).pk).update(
        leaf_hash=leaf.hash, token_leaf=leaf.hash
    )

    assert answers(seen(felix, code_of(arrival(payable)))) == ("unverifiable", "waiting")
