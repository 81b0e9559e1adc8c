"""What is no touch at all is refused at the door, by name, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Person
from attest.errors import RecordMalformed
from attest.record import Record, canonical
from tests.clock import Clock
from tests.conftest import phone_of
from tests.trips.log import rows
from tests.trips.touches import CHECK_INS, Phone, fixes_of, id_in, record_of
from trips.models import Trip

Spoil = Callable[[str], str]


def with_field(**said: Any) -> Spoil:
    """The same record, its fields written over, still in canonical spelling."""
    return lambda record: spelled(json.loads(record) | said)


def with_fix(**said: Any) -> Spoil:
    return lambda record: spelled(json.loads(record) | {"fixes": [fixes_of()[0] | said]})


def without(name: str) -> Spoil:
    return lambda record: spelled({k: v for k, v in json.loads(record).items() if k != name})


def put(old: str, new: str) -> Spoil:
    return lambda record: record.replace(old, new, 1)


def spelled(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def deep(levels: int) -> Any:
    return [deep(levels - 1)] if levels else []


COORDINATES: dict[str, Spoil] = {
    "999 degrees": with_fix(lat_e7=9_990_000_000),
    "a hair over the pole": with_fix(lat_e7=900_000_001),
    "round the earth": with_fix(lon_e7=-1_800_000_001),
    "a number of forty digits": with_fix(lat_e7=10**39),
    "beyond what a browser counts": with_fix(at=2**53),
    "NaN": put('"lat_e7":', '"lat_e7":NaN,"x":'),
    "Infinity": put('"lon_e7":', '"lon_e7":-Infinity,"x":'),
    "a fraction": with_fix(lat_e7=352537519.5),
    "a fraction of nothing": with_fix(lat_e7=352537519.0),
    "an exponent": put('"lat_e7":', '"lat_e7":3e8,"x":'),
    "minus nothing": put('"errors_between":0', '"errors_between":-0'),
    "a text": with_fix(lat_e7="352537519"),
    "true": with_fix(lon_e7=True),
    "null": with_fix(lon_e7=None),
    "a list": with_fix(lat_e7=[352537519]),
    "no latitude": lambda r: put('"lat_e7":352537422,', "")(with_fix()(r)),
    "no accuracy": lambda r: put('"acc_cm":1550,', "")(with_fix()(r)),
    "an accuracy below nothing": with_fix(acc_cm=-1),
    "an accuracy wider than the earth": with_fix(acc_cm=2_000_000_001),
    "a height under the sea floor": with_fix(alt_cm=-50_001),
    "a time before clocks": with_fix(fix_ms=-1),
    "a time after the century": with_fix(seen_ms=4_102_444_800_001),
    "a field of its own": with_fix(speed=3),
    "thirty-three positions": with_field(fixes=fixes_of() * 7),
    "positions that are none": with_field(fixes=[1]),
    "positions under another name": with_field(fixes={}),
    "a position that was refused": with_field(state="refused"),
}

SPELLINGS: dict[str, Spoil] = {
    "nothing": lambda _: "",
    "a space": put('"kind":', '"kind": '),
    "a space in front": lambda record: " " + record,
    "a new line behind": lambda record: record + "\n",
    "a byte order mark": lambda record: "\ufeff" + record,
    "another order": lambda record: json.dumps(
        dict(reversed(json.loads(record).items())), separators=(",", ":")
    ),
    "a field twice": put('"kind":', '"kind":"arrive","kind":'),
    "an escape": put('"arrive"', '"\\u0061rrive"'),
    "a solidus escaped": put('"site":null', '"site":"a\\/b"'),
    "Hangul": put('"site":null', '"site":"가"'),
    "half a letter": put('"site":null', '"site":"\\ud800"'),
    "two values": lambda record: record + record,
    "a list": lambda record: f"[{record}]",
    "a text of it": json.dumps,
    "a number": lambda _: "1",
    "half of it": lambda record: record[:-40],
    "version 2": with_field(v=2),
    "version true": with_field(v=True),
    "a field nobody knows": with_field(extra=1),
    "no kind": without("kind"),
    "no challenge": without("challenge"),
    "no trip named": without("trip"),
    "a kind nobody knows": with_field(kind="depart"),
    "a trip in capitals": with_field(trip="0192F0C1-A2B3-7C4D-8E5F-60718293A4B5"),
    "a challenge that is no id": with_field(challenge="x"),
    "a code of 129 letters": with_field(site="x" * 129),
    "a digest too short": with_field(photo_sha256="00"),
    "a count below nothing": with_field(errors_between=-1),
    "a device deeper than a device": with_field(device={"form": {"form": {}}}),
    "five levels": with_field(fixes=[[[[1]]]]),
    "a pit in the record": put('"fixes":', '"fixes":' + "[" * 7_000 + "]" * 7_000 + ',"x":'),
    "a form that is no form": with_field(device={"form": "watch"}),
    "an hour that is none": with_field(device={"utc_offset_min": 841}),
}


@pytest.mark.parametrize(
    "spoil", [*COORDINATES.values(), *SPELLINGS.values()], ids=[*COORDINATES, *SPELLINGS]
)
def test_a_record_that_is_none_is_refused_and_leaves_nothing(
    spoil: Spoil, phone: Phone, trip: Trip
) -> None:
    asked = phone.ask(trip)
    record = record_of(trip, asked)
    spoiled = spoil(record)
    body = phone.sealed(record, asked) | {"record": spoiled}
    before = rows()

    answer = phone.send(body)

    assert answer.status_code == 400
    assert answer.json()["code"] in {"record.malformed", "request.shape"}
    assert rows() == before
    assert "352537" not in answer.content.decode()
    assert "999" not in answer.content.decode()


def test_the_same_touch_unspoiled_is_kept(phone: Phone, trip: Trip) -> None:
    assert phone.touch(trip).status_code == 201


ENVELOPES: dict[str, tuple[Any, str]] = {
    "no id": ({"id": ...}, "request.shape"),
    "no record": ({"record": ...}, "request.shape"),
    "no proof": ({"proof": ...}, "request.shape"),
    "another id than the record's": ({"id": str(uuid4())}, "record.malformed"),
    "an id that is none": ({"id": "x"}, "request.shape"),
    "a record that is no text": ({"record": {"v": 1}}, "request.shape"),
    "a record over 16 KiB": ({"record": "x" * 16_385}, "request.shape"),
    "a record with a zero": ({"record": "{\0}"}, "request.shape"),
    "a proof that is a list": ({"proof": []}, "request.shape"),
    "a proof that is null": ({"proof": None}, "request.shape"),
    "a proof of no kind": ({"proof": {}}, "record.malformed"),
    "a proof of another kind": ({"proof": {"kind": "password"}}, "record.malformed"),
    "a proof of a list of kinds": ({"proof": {"kind": ["none"]}}, "record.malformed"),
    "a passkey without a signature": ({"proof": {"kind": "passkey"}}, "record.malformed"),
}


@pytest.mark.parametrize(("said", "code"), ENVELOPES.values(), ids=ENVELOPES)
def test_an_envelope_that_is_none_is_refused_and_leaves_nothing(
    said: dict[str, Any], code: str, phone: Phone, trip: Trip
) -> None:
    sent = phone.envelope(trip) | said
    before = rows()

    answer = phone.send({name: value for name, value in sent.items() if value is not ...})

    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert rows() == before


PROOFS: dict[str, dict[str, Any]] = {
    "padding": {"signature": "AAA="},
    "spare bits": {"signature": "AB"},
    "a foreign letter": {"signature": "A+/A"},
    "nothing": {"signature": ""},
    "a number": {"signature": 1},
    "Hangul": {"credential_id": "가"},
    "one field more": {"user_handle": "AAAA"},
    "a client that says nothing": {"client_data": "AAAA"},
    "a client that is a list": {"client_data": "W10"},
    "a head that is too short": {"authenticator_data": "AAAA"},
    "a pit": {"client_data": "W1tb" * 4_000},
}


@pytest.mark.parametrize("wrong", PROOFS.values(), ids=PROOFS)
def test_a_proof_that_cannot_be_read_leaves_nothing(
    wrong: dict[str, Any], phone: Phone, trip: Trip
) -> None:
    sent = phone.envelope(trip)
    before = rows()

    answer = phone.send(sent | {"proof": sent["proof"] | wrong})

    assert answer.status_code == 400
    assert answer.json()["code"] == "record.malformed"
    assert rows() == before


BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "request.shape"),
    "no JSON": (b"touch", 400, "body.not-json"),
    "half": (b'{"id":', 400, "body.not-json"),
    "no UTF-8": (b'{"id":"\xff"}', 400, "body.not-json"),
    "NaN": (b'{"id":NaN}', 400, "body.not-json"),
    "half a letter": (b'{"id":"\\ud800"}', 400, "request.shape"),
    "half a letter for a name": (b'{"\\udfff":1}', 400, "request.shape"),
    "a list": (b"[]", 400, "request.shape"),
    "null": (b"null", 400, "request.shape"),
    "a text": (b'"touch"', 400, "request.shape"),
    "a number": (b"1", 400, "request.shape"),
    "a number without end": (b"1" * 100_000, 400, "body.not-json"),
    "a pit of lists": (b"[" * 100_000, 400, "body.not-json"),
    "a pit of lists with a floor": (b"[" * 90_000 + b"]" * 90_000, 400, "body.not-json"),
    "a pit of objects": (b'{"proof":' * 20_000 + b"1" + b"}" * 20_000, 400, "body.not-json"),
    "seventeen levels": (b"[" * 17 + b"]" * 17, 400, "body.not-json"),
    "a byte over the limit": (b" " * 262_145, 413, "body.too-large"),
}


@pytest.mark.parametrize("path", [CHECK_INS, f"{CHECK_INS}/challenges", "/api/v1/trips"])
@pytest.mark.parametrize(("body", "status", "code"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_none_is_refused_and_leaves_nothing(
    path: str, body: bytes, status: int, code: str, phone: Phone
) -> None:
    before = rows()

    answer = phone.post(path, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert rows() == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml"]
)
def test_what_is_not_sent_as_json_is_not_read(kind: str, phone: Phone, trip: Trip) -> None:
    body = json.dumps(phone.envelope(trip)).encode()
    before = rows()

    answer = phone.post(CHECK_INS, body, kind)

    assert (answer.status_code, answer.json()["code"]) == (415, "request.media-type")
    assert rows() == before


class Faucet(BytesIO):
    """A body of any length, and how much of it was taken."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = 1_048_576 if size is None or size < 0 else size
        self.taken += wanted
        return b"x" * wanted


def ten_megabytes(faucet: Faucet) -> dict[str, Any]:
    return {"CONTENT_LENGTH": str(10 * 1_048_576), "wsgi.input": faucet}


@pytest.mark.parametrize("path", [CHECK_INS, f"{CHECK_INS}/challenges", "/api/v1/trips"])
def test_ten_megabytes_are_refused_before_they_are_read(path: str, phone: Phone) -> None:
    faucet, before = Faucet(), rows()

    answer = phone.post(path, **ten_megabytes(faucet))

    assert (answer.status_code, answer.json()["code"]) == (413, "body.too-large")
    assert faucet.taken <= 2 * 262_144
    assert rows() == before


def test_ten_megabytes_for_a_form_are_refused_before_they_are_read(phone: Phone) -> None:
    faucet, before = Faucet(), rows()

    form = "application/x-www-form-urlencoded"
    answer = phone.post(reverse("trips:touch"), kind=form, **ten_megabytes(faucet))

    assert answer.status_code == 413
    assert faucet.taken <= 2 * 262_144
    assert rows() == before


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"id": "x", "trip": "", "kind": "arrive"},
        {"id": str(uuid4()), "trip": "x", "kind": "arrive"},
        {"id": str(uuid4()), "trip": "", "kind": "depart"},
        {"id": str(uuid4()), "trip": ""},
        {f"field-{number}": "" for number in range(250)},
    ],
    ids=["nothing", "no id", "no trip", "no such kind", "no kind", "too many fields"],
)
def test_a_form_that_is_not_that_of_the_page_is_refused(form: dict[str, str], phone: Phone) -> None:
    before = rows()

    assert phone.api.post(reverse("trips:touch"), form, format=None).status_code == 400
    assert rows() == before


TRIPS: dict[str, dict[str, Any]] = {
    "no purpose": {"purpose": ""},
    "a purpose of blanks": {"purpose": "  "},
    "a purpose of 201 letters": {"purpose": "가" * 201},
    "a purpose with a zero": {"purpose": "a\0b"},
    "the year 1": {"starts_at": "0001-01-01T00:00:00+09:00"},
    "the year 9999": {"ends_at": "9999-12-31T23:59:59-12:00"},
    "a month that is none": {"starts_at": "2026-13-01T00:00:00Z"},
    "an end before the beginning": {"ends_at": "2026-11-23T02:59:59Z"},
    "a vehicle nobody has": {"vehicle": "broom"},
    "nowhere": {"stops": []},
    "everywhere": {"stops": [{"unit": "48120", "text": "의창구청 2층"}] * 21},
    "somewhere": {"stops": [{"unit": "48120", "text": "관내"}]},
    "a unit not in force": {"stops": [{"unit": "99999", "text": "본관 2층"}]},
    "a place of nobody": {"stops": [{"place": str(uuid4())}]},
    "a distance below nothing": {"stops": [{"unit": "48120", "text": "2층", "one_way_m": -1}]},
    "a distance of a text": {"stops": [{"unit": "48120", "text": "2층", "one_way_m": "far"}]},
    "a distance beyond the earth": {
        "stops": [{"unit": "48120", "text": "2층", "one_way_m": 10**30}]
    },
    "stops that are none": {"stops": {"unit": "48120"}},
    "nobody to approve": {"approver": None},
    "somebody unknown to approve": {"approver": str(uuid4())},
    "companions that are none": {"companions": [1]},
}


@pytest.mark.parametrize("wrong", TRIPS.values(), ids=TRIPS)
def test_a_trip_that_is_none_is_refused_and_leaves_nothing(
    wrong: dict[str, Any], phone: Phone, bora: Person
) -> None:
    before = rows()

    answer = phone.api.post("/api/v1/trips", sound_trip(bora) | wrong, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")
    assert rows() == before


@pytest.mark.parametrize("name", ["ada", "mallory", "felix"])
def test_who_may_not_approve_is_not_asked_to(
    name: str, phone: Phone, bora: Person, request: pytest.FixtureRequest
) -> None:
    wrong = {"approver": str(request.getfixturevalue(name).uid)}

    answer = phone.api.post("/api/v1/trips", sound_trip(bora) | wrong, format="json")
    assert answer.status_code == 400
    assert not Trip.objects.exists()


def sound_trip(bora: Person) -> dict[str, Any]:
    return {
        "purpose": "도로 점검",
        "starts_at": "2026-11-23T03:00:00Z",
        "ends_at": "2026-11-23T07:30:00Z",
        "vehicle": "transit",
        "approver": str(bora.uid),
        "stops": [{"unit": "48120", "text": "의창구청 2층"}],
    }


def test_the_sound_one_is_written(phone: Phone, bora: Person) -> None:
    assert phone.api.post("/api/v1/trips", sound_trip(bora), format="json").status_code == 201


@pytest.mark.parametrize(
    "after", ["x", "1", ".", "9" * 400 + "." + "0" * 32, "-1.zz", "1.é", "٣.x"]
)
def test_a_mark_nobody_gave_leads_to_the_first_page(after: str, phone: Phone, trip: Trip) -> None:
    answer = phone.api.get("/api/v1/trips", {"after": after})

    assert answer.status_code == 200
    assert len(answer.json()["trips"]) == 1


# --- noise ------------------------------------------------------------------------------


@given(st.text(max_size=400))
def test_a_reader_of_noise_says_no(text: str) -> None:
    with pytest.raises(RecordMalformed):
        Record.read(text)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)


@given(st.dictionaries(st.text(max_size=6), PLAIN | st.lists(PLAIN, max_size=3), max_size=5))
def test_a_reader_of_any_json_says_no(value: Any) -> None:
    with pytest.raises(RecordMalformed):
        Record.read(json.dumps(value))


@given(st.data())
def test_any_one_letter_changed_is_another_record_or_none(data: st.DataObject) -> None:
    record = record_of(None, {"id": str(uuid4())})
    at = data.draw(st.integers(0, len(record) - 1))
    letter = data.draw(st.characters(max_codepoint=0x7F).filter(lambda c: c != record[at]))
    changed = record[:at] + letter + record[at + 1 :]

    assert respelled(changed) in {changed, ""}


def respelled(text: str) -> str:
    """What was read, spelled again; empty for what is refused."""
    try:
        Record.read(text)
    except RecordMalformed:
        return ""
    return canonical(json.loads(text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.binary(max_size=300))
def test_noise_at_the_door_is_a_plain_no(
    phone: Phone, clock: Clock, trip: Trip, noise: bytes
) -> None:
    clock.later(minutes=5)

    answer = phone.post(CHECK_INS, noise)
    assert answer.status_code == 400


def test_an_id_is_found_where_it_stands(clock: Clock) -> None:
    name = str(uuid4())

    assert id_in(record_of(None, {"id": str(uuid4())}, id=name)) == name


def test_noise_for_an_address_finds_nothing(ada: Person) -> None:
    api = phone_of(ada)

    assert api.get("/api/v1/trips/not-a-uuid").status_code == 404
    assert api.get(f"/api/v1/trips/{uuid4()}").status_code == 404
    assert api.get(f"{CHECK_INS}/{uuid4()}/qr.svg").status_code == 404
