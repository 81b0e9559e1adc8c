"""Where somebody was stands in no column, no log line and no error that a thief could read."""

from __future__ import annotations

import base64
import logging
import struct
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.views.debug import ExceptionReporter

from accounts.models import Person
from attest.record import Record
from tests.clock import Clock
from tests.conftest import SITE, phone_of
from tests.trips.stages import Stages
from tests.trips.touches import CHECK_INS, LAT_E7, LON_E7, Phone, fixes_of
from trips.envelope import Envelope
from trips.models import CheckIn, State, Trip
from trips.services.confirm import confirm
from vault.sealed import shred


def spellings(e7: int) -> dict[str, bytes]:
    """One coordinate, in every way it could have slipped into a column or a line."""
    degrees, minutes = divmod(e7, 10_000_000)
    text = f"{e7 / 1e7:.7f}"
    return {
        "degrees times ten million": str(e7).encode(),
        "degrees times a million": str((e7 + 5) // 10).encode(),
        "degrees": text.encode(),
        "degrees, five places": text[:-2].encode(),
        "degrees, rounded to five": f"{e7 / 1e7:.5f}".encode(),
        "degrees with a comma": text.replace(".", ",").encode(),
        "degrees and minutes": f"{degrees}°{minutes * 60 / 1e7:.3f}".encode(),
        "four bytes": e7.to_bytes(4),
        "four bytes, the other way": e7.to_bytes(4, "little"),
        "a float": struct.pack(">d", e7 / 1e7),
        "a float, the other way": struct.pack("<d", e7 / 1e7),
        "hexadecimal": e7.to_bytes(4).hex().encode(),
        "base64": base64.b64encode(str(e7).encode())[:-2],
    }


WHERE = {
    **{f"fix {n} lat": fix["lat_e7"] for n, fix in enumerate(fixes_of(LAT_E7, LON_E7))},
    **{f"fix {n} lon": fix["lon_e7"] for n, fix in enumerate(fixes_of(LAT_E7, LON_E7))},
    "site lat": SITE.lat_e7,
    "site lon": SITE.lon_e7,
}


def found_in(content: bytes) -> set[str]:
    return {
        f"{what}: {how}"
        for what, e7 in WHERE.items()
        for how, spelling in spellings(e7).items()
        if spelling in content
    }


def every_column() -> dict[str, bytes]:
    """All that the database holds: each table as the bytes of its cells."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        dump = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            dump[table] = b"\0".join(plain(cell) for row in cursor.fetchall() for cell in row)
    return dump


def plain(cell: Any) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()


@pytest.fixture
def lived(phone: Phone, trip: Trip, bora: Person, felix: Person, clock: Clock) -> Trip:
    """A trip with all that may happen to it: touched, told of, read by others, confirmed."""
    first = phone.touched(trip)
    phone.take_back(phone.touched(trip, "stop"))
    phone.touch(trip, asked=phone.ask(None) | {"id": phone.ask(trip)["id"]})
    clock.later(hours=2)
    phone.touch(trip, "return")
    here = f"/api/v1/trips/{trip.uid}"
    body = {"kind": "statement", "text": "문이 잠겨 있었습니다.", "check_in": str(first.uid)}
    phone.api.post(f"{here}/items", body, format="json")
    phone_of(felix).get(here)
    phone_of(bora).get(f"/approvals/{trip.uid}/")
    return confirm(trip, approver=bora, now=clock.later(hours=3))


def test_no_column_of_any_table_holds_a_coordinate(lived: Trip) -> None:
    dump = every_column()

    assert {table: found for table, cells in dump.items() if (found := found_in(cells))} == {}
    assert dump["trips_checkin"].count(b"tripseal") == 0
    assert len(dump["trips_checkin"]) > 4_000


def test_the_search_would_find_what_lies_under_the_seals(lived: Trip) -> None:
    touch = CheckIn.objects.earliest("pk")
    opened = b"".join(box.open() for name in ("record", "best_fix") if (box := touch.box(name)))
    weighed = touch.assessments.all()[0].box()
    facts = weighed.open() if weighed else b""

    assert {what.partition(":")[0] for what in found_in(opened)} >= {"fix 1 lat", "fix 1 lon"}
    assert found_in(facts)


def test_no_file_beside_the_database_holds_one(lived: Trip) -> None:
    stores = (settings.SHRED_STORE, settings.FILE_STORE)
    folders = [*map(Path, stores), Path(settings.HEAD_FILE).parent]
    content = b"".join(
        file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file()
    )

    assert content
    assert found_in(content) == set()


def test_no_line_of_any_log_holds_one(
    phone: Phone, trip: Trip, caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    caplog.set_level(logging.DEBUG)
    envelope = phone.envelope(trip)

    phone.send(envelope)
    phone.send(envelope | {"record": envelope["record"] + " "})
    phone.send(envelope | {"record": envelope["record"].replace("arrive", "return")})
    phone.send(envelope | {"proof": {"kind": "none", "record": envelope["record"]}})
    phone.send(envelope | {"id": envelope["record"][:100]})
    phone.api.get("/api/v1/trips", {"after": envelope["record"][:40]})
    phone.post(CHECK_INS, envelope["record"].encode(), "text/plain")

    assert "Bad Request" in caplog.text
    assert found_in(caplog.text.encode()) == set()


def test_no_refusal_repeats_what_was_sent(phone: Phone, trip: Trip) -> None:
    envelope = phone.envelope(trip)
    record = envelope["record"]
    spoiled = [
        record + " ",
        record.replace('"acc_cm":', '"acc":'),
        record.replace(f'"lat_e7":{LAT_E7}', f'"lat_e7":"{LAT_E7}"'),
        record.replace(f'"lat_e7":{LAT_E7}', f'"{LAT_E7}":1'),
        record.replace('"kind":"arrive"', f'"kind":"{LAT_E7}"'),
    ]

    for text in spoiled:
        answer = phone.send(envelope | {"record": text})
        assert answer.status_code == 400
        assert found_in(answer.content) == set()


def test_a_fault_of_ours_says_a_number_and_no_place(
    phone: Phone, trip: Trip, caplog: pytest.LogCaptureFixture
) -> None:
    """The key of the month is spoiled on disk: nothing can be sealed, and nothing is told."""
    envelope = phone.envelope(trip)
    phone.touch(trip)
    spoil_keys()
    phone.api.raise_request_exception = False  # as a server does: it answers

    answer = phone.send(envelope)

    assert answer.status_code == 500
    assert answer.json()["code"] == "fault"
    assert found_in(answer.content) == set()
    assert found_in(caplog.text.encode()) == set()
    assert CheckIn.objects.count() == 1


def spoil_keys() -> None:
    for file in Path(settings.SHRED_STORE).rglob("*.loc"):
        file.chmod(0o600)
        file.write_bytes(bytes(60))
    shred.forget()


def test_a_trace_with_its_values_shows_no_place(phone: Phone, trip: Trip) -> None:
    """Whatever a reporter of errors prints of these values, a position is not among it."""
    envelope = phone.envelope(trip)
    record = Record.read(envelope["record"])
    read = Envelope.read(record.id, envelope["record"], envelope["proof"])
    touch = phone.touched(trip)
    shown = repr([record, record.fixes, read, touch, touch.box("record"), SITE, touch.trip])

    assert found_in(shown.encode()) == set()
    assert ExceptionReporter(None, None, None, None).get_traceback_text()


def test_a_place_is_shown_in_words_and_never_in_degrees(
    phone: Phone, stages: Stages, bora: Person, felix: Person
) -> None:
    trip = stages[State.RETURNED]()
    touch = CheckIn.objects.filter(trip=trip).earliest("pk")
    here = f"/api/v1/trips/{trip.uid}"
    answers = [
        phone.api.get(f"{CHECK_INS}/{touch.uid}"),
        phone.api.get(here),
        phone_of(bora).get(here),
        phone_of(felix).get(here),
        phone.api.get(f"/trips/{trip.uid}/"),
        phone.api.get(f"/trips/{trip.uid}/receipt/"),
        phone_of(bora).get(f"/approvals/{trip.uid}/"),
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert {what for answer in answers for what in found_in(answer.content)} == set()
