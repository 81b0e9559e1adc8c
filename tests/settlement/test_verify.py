"""The first question of a scan: is it genuine? And what is kept, and shown, of an attempt."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, Person, Place
from attest import digits
from attest.claims import Claims
from attest.log.leaf import CheckedIn
from attest.token import text_of
from ledger.guarding import lowered
from ledger.models import Access, AccessSubject, Leaf, Outbox
from ledger.sequencer import run
from ledger.services.append import append
from ledger.services.create_keys import create_keys
from settlement.models import Verification
from settlement.services.verify import verify
from tests.clock import Clock
from tests.conftest import NOON, SITE, phone_of
from tests.settlement.desk import (
    EVENING,
    answers,
    approved,
    arrival,
    code_of,
    confirmed,
    fixes_at,
    key_of,
    names,
    ordered,
    scan,
    sealed_by,
    seen,
    touch,
)
from trips.models import Trip
from trips.rules import rule_sets
from trips.services.withdraw import withdraw
from vault import keyring

# All that may be said before a signature held.
NOTHING = {"id", "at", "source", "code", "genuine", "payable"}
FOREIGN_HOST = "TRIP.OTHER.KR"
TRANSACTION = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def claims_of(trip: Trip, /, **other: Any) -> Claims:
    """What the token of its arrival says, or something else."""
    said: dict[str, Any] = {
        "sub": trip.traveller.alias,
        "iat": int(arrival(trip).recorded_at.timestamp()),
        "cti": bytes(arrival(trip).cti),
        "location": None,
        "trip": trip.number,
        "kind": 1,
        "device": bytes(12),
        "flags": 0,
    }
    return Claims(**(said | other))


def told(said: dict[str, Any]) -> set[str]:
    return {name for name, value in said.items() if value is not None}


def test_a_good_touch_of_a_confirmed_trip_is_genuine_and_payable(
    felix: Person, payable: Trip
) -> None:
    said = seen(felix, code_of(arrival(payable)))

    assert answers(said) == ("genuine", "payable")
    assert said["payable"]["won"] == said["total"] == 20_000
    assert said["person"] == {"name": "ada", "department": "안전총괄과"}
    assert said["trip"]["number"] == payable.number
    assert said["genuine"]["reason"] == "시험시청 11월 23일(월) 12:00 발급, 서명과 원장 기록 일치"


def test_the_station_speaks_the_language_of_who_reads(felix: Person, payable: Trip) -> None:
    said = seen(felix, code_of(arrival(payable)), **{"Accept-Language": "en"})

    assert said["genuine"]["answer"] == "Yes, genuine"
    assert said["genuine"]["reason"].endswith("signature and log agree")


def test_digits_alone_are_as_good_as_the_link(felix: Person, payable: Trip) -> None:
    text = code_of(arrival(payable))

    assert answers(seen(felix, text.partition("#")[2])) == ("genuine", "payable")


def test_the_link_of_a_phone_that_writes_small_is_read_as_well(
    felix: Person, payable: Trip
) -> None:
    start, _, number = code_of(arrival(payable)).partition("#")
    small = f"{start.removesuffix('/V').lower()}/V#{number}"

    assert answers(seen(felix, small)) == ("genuine", "payable")


def test_a_position_is_not_among_what_is_shown(felix: Person, payable: Trip) -> None:
    shown = scan(felix, code_of(arrival(payable))).content.decode()

    assert str(SITE.lat_e7)[:5] not in shown
    assert f"{SITE.lat:.2f}" not in shown
    assert f"{SITE.lon:.2f}" not in shown


def test_a_token_sealed_again_by_somebody_is_the_same_touch(felix: Person, payable: Trip) -> None:
    again = sealed_by(keyring.sealer(at=int(NOON.timestamp())), claims_of(payable))

    assert answers(seen(felix, again)) == ("genuine", "payable")


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
    with lowered():
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


# -- withdrawn, by number -------------------------------------------------------------------


def test_a_touch_taken_back_is_genuine_but_withdrawn(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = ordered(ada, bora, site)
    undone = touch(trip, at=NOON, key=key_of(ada), fixes=fixes_at(NOON))
    withdraw(undone, person=ada, now=NOON + timedelta(seconds=9))

    said = seen(felix, code_of(undone))

    assert said["genuine"]["code"] == "withdrawn"
    assert said["code"] == "revoked"
    assert said["payable"]["code"] == "approval"


def test_a_typed_number_says_that_no_qr_was_read(felix: Person, payable: Trip) -> None:
    said = seen(felix, arrival(payable).spoken, source="typed")

    assert answers(said) == ("by-number", "payable")
    assert said["payable"]["won"] == 20_000
    assert said["genuine"]["reason"] == "QR은 읽지 않았습니다"


# -- what is kept --------------------------------------------------------------------------


def everything_in(table: str) -> str:
    """Every column of every row as text, the raw bytes as hex and as they are."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        cells = [cell for row in cursor.fetchall() for cell in row]
    raw = [bytes(cell) for cell in cells if isinstance(cell, bytes | memoryview)]
    return " ".join([*map(str, cells), *(one.hex() for one in raw), *(str(one) for one in raw)])


def test_an_attempt_is_kept_without_its_text(felix: Person, payable: Trip) -> None:
    good = code_of(arrival(payable))
    wrong = "HTTPS://LOCALHOST:8000/V#" + "31415926535897932" * 38
    for text in (good, wrong):
        scan(felix, text)

    tables = [model._meta.db_table for model in apps.get_models()]  # noqa: SLF001 -- its public name
    kept = {table: everything_in(table) for table in tables}
    for number in (good.partition("#")[2], wrong.partition("#")[2]):
        pieces = {number[start : start + 34] for start in range(0, len(number) - 34, 17)}
        assert not [table for table, text in kept.items() if any(p in text for p in pieces)]
    assert token_of(payable).hex() not in "".join(kept.values())


@pytest.mark.parametrize("source", ["camera", "scanner", "picture", "link"])
def test_every_attempt_is_kept_failed_ones_too(felix: Person, payable: Trip, source: str) -> None:
    seen(felix, "31415926", source=source)
    seen(felix, code_of(arrival(payable)), source=source)

    failed, good = Verification.objects.order_by("pk")
    assert (failed.genuine, failed.payable, failed.code) == ("not-ours", "waiting", "malformed")
    assert (failed.source, failed.clerk, failed.check_in, failed.at) == (
        source,
        felix,
        None,
        EVENING,
    )
    assert (good.genuine, good.payable, good.check_in) == ("genuine", "payable", arrival(payable))
    assert good.cti
    assert bytes(good.cti) == bytes(arrival(payable).cti)


def test_the_key_a_refused_token_named_is_kept(felix: Person, payable: Trip) -> None:
    token = bytearray(token_of(payable))
    token[-1] ^= 1

    seen(felix, text_of(bytes(token), keyring.opener().host))

    kept = Verification.objects.get()
    assert len(kept.kid) == 4
    assert kept.refused_at == "outer"


def test_the_traveller_reads_in_her_diary_who_scanned(
    ada: Person, felix: Person, payable: Trip
) -> None:
    seen(felix, code_of(arrival(payable)))

    look = AccessSubject.objects.get(person=ada)
    assert (look.access.actor, look.access.role, look.access.method) == (felix, "clerk", "scan")
    assert (look.access.action, look.access.reference) == ("verify", payable.number)
    assert look.depth == "place"
    leaf = next(row for row in Outbox.objects.order_by("-pk") if b'"access"' in bytes(row.entry))
    assert b'"method":"scan"' in bytes(leaf.entry)
    assert names("felix", phone_of(ada).get("/me/diary/"))


def test_a_code_nobody_can_open_is_a_look_at_nobody(felix: Person, payable: Trip) -> None:
    seen(felix, "31415926")

    assert not Access.objects.exists()


def test_without_a_diary_nothing_is_shown(felix: Person, payable: Trip) -> None:
    """The diary is part of the answer: what cannot be written down is not read."""
    code = code_of(arrival(payable))

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        assert "ledger_access" not in sql, "the diary is full"
        return execute(sql, *rest)

    with pytest.raises(AssertionError, match="diary"), connection.execute_wrapper(refuse):
        verify(clerk=felix, text=code, source="camera", address="", now=EVENING)
    assert not Verification.objects.exists()


def test_who_read_the_same_code_before_is_shown(
    felix: Person, flora: Person, payable: Trip, clock: Clock
) -> None:
    code = code_of(arrival(payable))
    assert seen(felix, code)["earlier"] == []
    clock.later(minutes=4)
    seen(flora, code)
    clock.later(minutes=4)

    earlier = seen(felix, code)["earlier"]

    assert [one["clerk"] for one in earlier] == ["flora", "felix"]
    assert earlier[1]["at"] == "2026-11-23T18:00:00+09:00"


def test_the_return_is_another_code_of_the_same_trip(felix: Person, payable: Trip) -> None:
    seen(felix, code_of(arrival(payable)))
    said = seen(felix, code_of(payable.check_ins.get(kind="return")))

    assert answers(said) == ("genuine", "payable")
    assert said["check_in"]["kind"] == "return"
    assert said["earlier"] == []


def test_a_clerk_lists_her_own_scans_without_a_name(
    felix: Person, flora: Person, payable: Trip
) -> None:
    seen(felix, code_of(arrival(payable)))
    seen(flora, "31415926")

    listed = phone_of(felix).get("/api/v1/verifications")

    assert [row["trip"] for row in listed.json()["results"]] == [payable.number]
    assert not names("ada", listed)


# -- its price -------------------------------------------------------------------------------


# PostgreSQL writes in one statement what SQLite writes in five.
SCAN = {"postgresql": 4, "sqlite": 8}


def statements(clerk: Person, text: str, *, source: str = "camera") -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        verify(clerk=clerk, text=text, source=source, address="10.0.0.7", now=EVENING)
    return len([q for q in asked.captured_queries if not q["sql"].startswith(TRANSACTION)])


@pytest.mark.parametrize("source", ["camera", "typed"])
def test_a_scan_asks_three_times_and_writes_once(
    felix: Person, flora: Person, payable: Trip, source: str
) -> None:
    texts = {"camera": code_of(arrival(payable)), "typed": arrival(payable).spoken}
    rule_sets()  # a process reads them once a minute
    spent = [statements(felix, texts[source], source=source) for _ in range(3)]

    # Scanned before, it also says by whom.
    assert spent == [SCAN[connection.vendor]] + 2 * [SCAN[connection.vendor] + 1]


def test_a_scan_that_opens_an_exception_writes_it_beside(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    bare = ordered(ada, bora, site)
    unsigned = touch(bare, at=NOON)
    touch(bare, at=bare.ends_at, kind="return")
    approved(bare)
    rule_sets()

    assert statements(felix, code_of(unsigned)) == SCAN[connection.vendor] + 1
    assert bare.holds.count() == 1


def test_a_code_nobody_knows_costs_next_to_nothing(felix: Person, db: None) -> None:
    assert statements(felix, "31415926") == 1


def test_a_day_of_several_trips_costs_the_same_however_many(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trips = [
        confirmed(ada, bora, site, starts_at=NOON + n * timedelta(minutes=40), hours=0.5)
        for n in range(2)
    ]
    rule_sets()  # a process reads them once a minute
    two = statements(felix, code_of(arrival(trips[0])))
    confirmed(ada, bora, site, starts_at=NOON + timedelta(hours=3), hours=0.5)

    assert statements(felix, code_of(arrival(trips[1]))) == two <= 18


def token_of(trip: Trip) -> bytes:
    return digits.read(code_of(arrival(trip)).partition("#")[2])


@pytest.mark.parametrize("offline", ["provisional", "withdrawn", "unverifiable", "waiting"])
def test_what_a_desk_judged_alone_is_judged_anew_and_marked(
    felix: Person, payable: Trip, offline: str
) -> None:
    said = seen(felix, code_of(arrival(payable)), offline=offline)

    assert answers(said) == ("genuine", "payable")
    assert Verification.objects.get().provisional


def test_a_desk_cannot_tell_the_server_what_a_code_is(felix: Person, db: None) -> None:
    said = seen(felix, "1" * 600, offline="provisional")

    assert answers(said)[0] == "not-ours"


def test_a_verdict_of_another_name_is_of_the_wrong_shape(felix: Person, payable: Trip) -> None:
    answer = scan(felix, code_of(arrival(payable)), offline="genuine")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")
    assert not Verification.objects.exists()
