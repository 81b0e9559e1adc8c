"""An export is made in the background: watched, left, cancelled, interrupted, agreed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as given
from django.utils import timezone

from accounts.models import Department, Grant, Organisation, Person, Place, Role
from attest.bundle.archive import Archive
from attest.bundle.asked import Asked
from attest.bundle.verify import verify
from attest.errors import SealBroken
from audit import preparing
from audit.models import Export
from audit.preparing import prepare_exports
from audit.services.cancel_export import cancel_export
from audit.sweeping import sweep_exports
from ledger.models import AccessSubject, Leaf
from ledger.services.sequence import sequence
from ledger.signer import trust
from tests.attest.bundle.town import codes, members
from tests.audit.office import ask, content_of, take, taken, trips_of
from tests.clock import Clock
from tests.conftest import NOON, enrolled, phone_of
from tests.settlement.desk import EVENING, batch_of, confirmed, pay, sign
from trips.models import Trip
from trips.services.erase_positions import erase_positions
from vault.sealed.pieces import PIECE, read_pieces, write_pieces

pytestmark = pytest.mark.django_db


@pytest.fixture
def past(ada: Person, bora: Person) -> list[Trip]:
    return trips_of(ada, bora, 5)


@pytest.fixture
def paid(ada: Person, bora: Person, felix: Person, site: Place) -> Trip:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))
    return trip


@pytest.fixture
def ivan(hall: Organisation, office: Department, workplace: Place) -> Person:
    """Audits as well."""
    other = enrolled("mallory", hall, office, workplace)
    ends = timezone.now() + timedelta(days=30)
    Grant.objects.create(
        person=other, role=Role.AUDITOR, since=NOON - timedelta(days=1), until=ends
    )
    return Person.objects.get(pk=other.pk)


def made() -> Export:
    return Export.objects.get()


def files() -> list[Path]:
    folder = Path(given.EXPORT_STORE)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def turn() -> int:
    return prepare_exports(clock=timezone.now)


def progress(auditor: Person) -> dict[str, Any]:
    said: dict[str, Any] = phone_of(auditor).get(f"/api/v1/exports/{made().uid}").json()
    return said


# -- watched -----------------------------------------------------------------------------


def test_nothing_is_read_before_a_worker_comes(iris: Person, past: list[Trip]) -> None:
    export = ask(iris).json()["id"]

    assert phone_of(iris).get(f"/api/v1/exports/{export}/file").status_code == 404
    assert (progress(iris)["state"], files()) == ("requested", [])
    assert turn() == 1
    assert progress(iris)["state"] == "ready"
    assert turn() == 0


def test_it_says_how_far_it_is(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "EVERY", 2)
    seen: list[tuple[str, int, int]] = []
    beat = preparing.beat

    def watched(export: Export, rows: int, now: Any) -> None:
        beat(export, rows, now)
        said = progress(iris)
        seen.append((said["state"], said["done_rows"], said["total_rows"]))

    monkeypatch.setattr(preparing, "beat", watched)
    ask(iris)
    turn()

    # The first beat is that of the file: it is begun before a row is read.
    assert list(dict.fromkeys(seen)) == [("running", n, 5) for n in (0, 2, 4)]


def test_another_auditor_sees_how_far_it_is_and_an_outsider_nothing(
    iris: Person, ivan: Person, ada: Person, past: list[Trip]
) -> None:
    ask(iris)
    assert progress(ivan)["state"] == "requested"
    address = f"/api/v1/exports/{made().uid}"
    assert phone_of(ada).get(address).status_code == 403
    for verb in ("cancellation", "second"):
        assert phone_of(ada).post(f"{address}/{verb}", {}, format="json").status_code == 403


# -- the file ----------------------------------------------------------------------------


def test_its_file_is_sealed_and_for_its_owner_alone(iris: Person, past: list[Trip]) -> None:
    plain = taken(iris)
    (file,) = files()

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    raw = file.read_bytes()
    assert past[0].number.encode() in plain
    assert past[0].number.encode() not in raw
    assert b"ada" not in raw


@pytest.mark.parametrize("at", [0, 7, 100, -1])
def test_an_altered_file_is_not_handed_out(iris: Person, past: list[Trip], at: int) -> None:
    export = ask(iris).json()["id"]
    turn()
    (file,) = files()
    raw = bytearray(file.read_bytes())
    raw[at] ^= 1
    file.write_bytes(raw)

    with pytest.raises(SealBroken):
        take(iris, export)


def test_a_lost_file_is_asked_for_again(iris: Person, past: list[Trip]) -> None:
    export = ask(iris).json()["id"]
    turn()
    files()[0].unlink()

    answer = take(iris, export)
    assert (answer.status_code, answer.json()["code"]) == (410, "sealed.key-gone")


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 5])
def test_pieces_open_as_they_were_sealed_and_in_no_other_way(length: int) -> None:
    plain, key = bytes(length), bytes(32)
    out = BytesIO()
    write_pieces(out, [plain[:70_000], plain[70_000:]], key=key, name=b"one")
    sealed = out.getvalue()

    def opened(raw: bytes, name: bytes = b"one") -> bytes:
        return b"".join(read_pieces(BytesIO(raw), key=key, name=name))

    assert opened(sealed) == plain
    wrong = [sealed[:-1], sealed + b"x", b"", sealed[:7]]
    if length > PIECE:
        # Cut off after a piece; two pieces in each other's place.
        first, second = sealed[7 : 7 + PIECE + 16], sealed[7 + PIECE + 16 :]
        wrong += [sealed[: 7 + PIECE + 16], sealed[:7] + second + first]
    for raw in wrong:
        with pytest.raises(SealBroken):
            opened(raw)
    with pytest.raises(SealBroken):
        opened(sealed, b"two")


def test_after_seven_days_its_file_is_gone(iris: Person, past: list[Trip], clock: Clock) -> None:
    ask(iris)
    turn()
    clock.later(days=7)
    turn()

    assert (files(), made().state, bytes(made().file_key)) == ([], "gone", b"")


def test_what_waited_for_a_week_is_not_made(iris: Person, past: list[Trip], clock: Clock) -> None:
    ask(iris)
    clock.later(days=7)
    assert turn() == 0
    assert made().state == "requested"


# -- cancelled, interrupted ----------------------------------------------------------------


def midway(
    monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object], *, only: int = 1
) -> Iterator[None]:
    """*deed* happens while a worker is at its first rows."""
    monkeypatch.setattr(preparing, "EVERY", 2)
    beat, left = preparing.beat, [only]

    def interrupted(export: Export, rows: int, now: Any) -> None:
        if left[0]:
            left[0] -= 1
            deed()
        beat(export, rows, now)

    monkeypatch.setattr(preparing, "beat", interrupted)
    yield


def test_cancelled_on_its_way_it_stops_and_leaves_nothing(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ask(iris).json()["id"]
    address = f"/api/v1/exports/{export}/cancellation"
    list(midway(monkeypatch, lambda: phone_of(iris).post(address)))

    assert turn() == 0
    assert (made().state, made().why, files()) == ("cancelled", "", [])
    assert not made().sha256
    assert phone_of(iris).post(address).status_code == 409


def test_a_ready_file_can_be_deleted(iris: Person, past: list[Trip]) -> None:
    export = ask(iris).json()["id"]
    turn()
    here = f"/audit/exports/{export}/"
    phone_of(iris).post(f"{here}cancellation/")

    assert (made().state, files()) == ("cancelled", [])
    assert take(iris, export).status_code == 404


def test_nobody_cancels_for_another(iris: Person, ivan: Person, past: list[Trip]) -> None:
    export = ask(iris).json()["id"]
    answer = phone_of(ivan).post(f"/api/v1/exports/{export}/cancellation")

    assert answer.status_code == 403
    assert made().state == "requested"


class Killed(BaseException):
    """As if by `kill -9`: nothing of the worker's own is heard of."""


def test_killed_on_its_way_it_is_begun_anew_and_is_whole(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def die() -> None:
        raise Killed

    export = ask(iris).json()["id"]
    list(midway(monkeypatch, die))
    with pytest.raises(Killed):
        turn()
    left = Path(given.EXPORT_STORE) / f"{made().uid.hex}.1"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")

    assert made().state == "running"
    assert turn() == 0
    clock.later(minutes=2, seconds=1)
    assert turn() == 1
    assert not left.exists()
    assert content_of(take(iris, export)).count(b"\r\n") == 1 + 5


def test_who_slept_and_was_replaced_does_not_call_it_ready(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def sleep() -> None:
        clock.later(minutes=3)
        assert prepare_exports(clock=timezone.now) == 1

    ask(iris)
    list(midway(monkeypatch, sleep))

    assert turn() == 0
    assert (made().state, made().attempt) == ("ready", 2)
    assert [file.suffix for file in files()] == [".2"]


def test_three_times_begun_and_never_finished_it_is_given_up(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def die() -> None:
        raise Killed

    ask(iris)
    list(midway(monkeypatch, die, only=9))
    for _ in range(3):
        with pytest.raises(Killed):
            turn()
        clock.later(minutes=2, seconds=1)
    assert turn() == 0
    assert (made().state, made().why) == ("failed", "export.refused")


def test_a_full_disk_ends_it_cleanly(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_said: Any) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(preparing, "keep_file", full)
    ask(iris)

    assert turn() == 0
    assert (made().state, made().why, files()) == ("failed", "disk", [])
    assert "disk" in phone_of(iris).get(f"/audit/exports/{made().uid}/").content.decode()


def test_rows_that_change_on_the_way_are_not_handed_out(
    iris: Person, bora: Person, felix: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(iris)
    list(midway(monkeypatch, lambda: trips_of(felix, bora, 1, starts_at=NOON)))

    assert turn() == 0
    assert (made().state, made().why) == ("failed", "step-up.batch-changed")


# -- a second person -----------------------------------------------------------------------


@pytest.fixture
def bulk(iris: Person, past: list[Trip], settings: Any) -> str:
    settings.EXPORT_ROWS_ALONE = 4
    export: str = ask(iris).json()["id"]
    return export


def agree(by: Person, export: str, **said: Any) -> Any:
    signed = sign(by, bytes(made().signed), action=said.pop("action", "export-second"))
    address = f"/api/v1/exports/{export}/second"
    return phone_of(by).post(address, {"step_up": signed} | said, format="json")


def test_too_many_rows_wait_for_a_second_auditor(iris: Person, ivan: Person, bulk: str) -> None:
    assert turn() == 0
    assert progress(iris)["waits_for_second"]

    assert agree(ivan, bulk).status_code == 200
    assert turn() == 1
    assert (made().second, made().state) == (ivan, "ready")
    sequence(now=EVENING)
    entries = Leaf.objects.values_list("entry", flat=True)
    assert any(f"export-agreed {made().nonce}".encode() in bytes(one) for one in entries)


def test_as_many_rows_as_one_may_take_wait_for_nobody(
    iris: Person, past: list[Trip], settings: Any
) -> None:
    settings.EXPORT_ROWS_ALONE = 5
    ask(iris)
    assert turn() == 1


def test_nobody_is_their_own_second(iris: Person, bulk: str) -> None:
    answer = agree(iris, bulk)
    assert (answer.status_code, answer.json()["code"]) == (409, "second.own")
    assert turn() == 0


def test_a_second_signs_for_just_these_rows_and_this_deed(ivan: Person, bulk: str) -> None:
    assert agree(ivan, bulk, action="export").status_code == 403
    assert agree(ivan, bulk, step_up={}).status_code == 403
    other = sign(ivan, bytes(32), action="export-second")
    assert agree(ivan, bulk, step_up=other).json()["code"] == "step-up.batch-changed"
    assert turn() == 0


def test_a_second_agrees_once_and_not_to_what_waits_for_nobody(ivan: Person, bulk: str) -> None:
    assert agree(ivan, bulk).status_code == 200
    assert agree(ivan, bulk).status_code == 409


def test_a_second_comes_too_late_after_a_week(ivan: Person, bulk: str, clock: Clock) -> None:
    clock.later(days=7)
    assert agree(ivan, bulk).status_code == 409


def test_who_signs_for_it_reads_what_it_is_of(
    iris: Person, ivan: Person, past: list[Trip], settings: Any
) -> None:
    settings.EXPORT_ROWS_ALONE = 4
    asked = ask(iris, filters={"person": "ada", "state": "confirmed"}).json()["id"]
    shown = phone_of(ivan).get(f"/audit/exports/{asked}/").content.decode()
    assert "<step-up" in shown
    assert "<dd>ada</dd>" in shown
    assert "<dd>결재 완료</dd>" in shown

    first = phone_of(iris)
    first.post("/audit/trips/", {"person": "ada"})
    assert "<dd>ada</dd>" in first.get("/audit/exports/new/").content.decode()


def test_the_page_asks_the_other_auditor_and_not_the_first(
    iris: Person, ivan: Person, bulk: str
) -> None:
    here = f"/audit/exports/{bulk}/"
    assert "<step-up" in phone_of(ivan).get(here).content.decode()
    assert "<step-up" not in phone_of(iris).get(here).content.decode()


# -- exact positions -----------------------------------------------------------------------


def erase(trip: Trip) -> None:
    who = {"actor": "retention"}
    erase_positions([trip.pk], reason="order", who=who, subject="org-log", now=EVENING)


def judged(raw: bytes) -> Any:
    asked = Asked(trust=trust(), now=timezone.now() + timedelta(days=300))
    return verify(Archive(BytesIO(raw)), asked)


def test_with_exact_positions_they_are_open_and_everybody_reads_of_it(
    iris: Person, ada: Person, paid: Trip
) -> None:
    raw = taken(iris, form="zip", groups=["biz", "id", "loc"])

    assert b'"lat_e6"' in members(raw)["data/leaves.jsonl"]
    assert codes(judged(raw)) == set()
    assert judged(raw).counts.withheld == 0
    look = AccessSubject.objects.get(person=ada, access__action="export")
    assert look.depth == "position"


def test_no_sheet_shows_exact_positions(iris: Person, paid: Trip) -> None:
    for form in ("csv", "xlsx"):
        answer = ask(iris, form=form, groups=["biz", "id", "loc"])
        assert (answer.status_code, answer.json()["code"]) == (400, "export.refused")
    assert ask(iris, form="zip", groups=["all"]).status_code == 400
    assert ask(iris, form="zip", groups=[]).status_code == 400
    assert not Export.objects.exists()


def test_exact_positions_of_too_many_people_wait_for_a_second(
    iris: Person, paid: Trip, settings: Any
) -> None:
    settings.EXPORT_PLACES_ALONE = 0
    ask(iris, form="zip", groups=["biz", "id", "loc"])
    assert made().needs_second
    Export.objects.all().delete()
    ask(iris, form="zip")
    assert not made().needs_second


def test_a_file_with_a_position_that_was_erased_goes_at_once(
    iris: Person, ada: Person, paid: Trip
) -> None:
    export = ask(iris, form="zip", groups=["biz", "id", "loc"]).json()["id"]
    turn()
    sequence(now=EVENING)
    erase(paid)

    answer = phone_of(iris).get(f"/api/v1/exports/{export}/file")
    assert (answer.status_code, answer.json()["code"]) == (410, "sealed.key-gone")
    assert sweep_exports(now=EVENING) == 1
    assert (files(), made().state) == ([], "gone")


def test_a_file_without_positions_stays_when_one_is_erased(iris: Person, paid: Trip) -> None:
    ask(iris, form="zip")
    turn()
    sequence(now=EVENING)
    erase(paid)

    assert sweep_exports(now=EVENING) == 0
    assert len(files()) == 1


def test_erased_before_it_was_made_it_is_called_erased_and_verifies(
    iris: Person, paid: Trip
) -> None:
    sequence(now=EVENING)
    erase(paid)
    raw = taken(iris, form="zip", groups=["biz", "id", "loc"])

    assert b'"lat_e6"' not in members(raw)["data/leaves.jsonl"]
    assert codes(judged(raw)) == set()
    assert judged(raw).counts.erased > 0


# -- at size -------------------------------------------------------------------------------


def test_pages_of_any_length_make_the_same_file(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = taken(iris)
    for length in (1, 2, 5):
        monkeypatch.setattr("audit.exporting.PAGE", length)
        assert taken(iris) == whole


def test_a_cancelled_export_is_nobody_elses_to_cancel(iris: Person, past: list[Trip]) -> None:
    ask(iris)
    assert cancel_export(made(), by=iris, now=EVENING).state == "cancelled"
    assert turn() == 0
