"""An export is made in the background: watched, left, cancelled, interrupted, agreed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as given
from django.utils import timezone

from accounts.models import Person
from attest.errors import SealBroken
from audit import preparing
from audit.models import Export
from audit.preparing import prepare_exports
from audit.services.cancel_export import cancel_export
from tests.audit.office import ask, content_of, files, made, progress, take, taken, trips_of, turn
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING
from trips.models import Trip
from vault.sealed.pieces import PIECE, read_pieces, write_pieces

pytestmark = pytest.mark.django_db


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
