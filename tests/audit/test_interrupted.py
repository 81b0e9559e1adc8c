"""A bundle goes on from the part its worker was killed at, and is the same as in one go."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as given
from django.utils import timezone

from accounts.models import Person, Place
from attest.bundle import workbook
from attest.bundle.archive import Archive
from attest.bundle.asked import Asked
from attest.bundle.verify import verify
from attest.errors import SealBroken
from audit.models import Export
from audit.preparing import prepare_exports
from audit.shelf import SealedShelf, new_key
from audit.sweeping import sweep_exports
from ledger.services.sequence import sequence
from ledger.signer import trust
from tests.attest.bundle.town import codes
from tests.audit.lent import lent
from tests.audit.office import ask, content_of, take
from tests.conftest import phone_of
from tests.settlement.desk import EVENING, batch_of, confirmed, pay
from trips.models import Trip
from trips.services.erase_positions import erase_positions

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
PART = 3


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "PART", PART)


@pytest.fixture
def paid(ada: Person, bora: Person, felix: Person, site: Place) -> Trip:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))
    return trip


def killed(folder: Path, *, beats: int) -> int:
    """How the worker ended that was killed at so many beats."""
    now = timezone.now().isoformat()
    with lent(folder) as environment:
        done = subprocess.run(
            [sys.executable, "-m", "tests.audit.killed", str(PART), str(beats), now],
            capture_output=True,
            check=False,
            cwd=ROOT,
            env=environment,
        )
    assert done.stderr == b""
    return done.returncode


def made() -> Export:
    return Export.objects.select_related("auditor").get()


def parts() -> list[Path]:
    return sorted(Path(given.EXPORT_STORE).glob("*.parts/*"))


def heads() -> int:
    return len([one for one in parts() if one.suffix == ".head"])


class Watching:
    """A clock for the next worker, minutes later; it sees how far the export was at each beat."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self) -> datetime:
        self.seen += Export.objects.values_list("done_rows", flat=True)
        return timezone.now() + timedelta(minutes=5)


def judged(raw: bytes) -> Any:
    asked = Asked(trust=trust(), now=timezone.now() + timedelta(days=300))
    return verify(Archive(BytesIO(raw)), asked)


def file_of(auditor: Person) -> bytes:
    return content_of(take(auditor, str(made().uid)))


def half_made(auditor: Person, folder: Path, **said: Any) -> None:
    ask(auditor, form="zip", **said)
    assert killed(folder, beats=12) == -signal.SIGKILL
    assert (made().state, heads() >= 1) == ("running", True)


def test_killed_in_the_midst_it_goes_on_from_its_last_part(
    iris: Person, paid: Trip, tmp_path: Path
) -> None:
    half_made(iris, tmp_path)
    laid, sealed = heads(), b"".join(one.read_bytes() for one in parts())
    assert paid.purpose.encode() not in sealed
    assert b"leaf" not in sealed
    assert 0 < laid * PART < made().total_rows

    again = Watching()
    assert prepare_exports(clock=again) == 1
    # From the first beat on it stands where the dead one had got to.
    assert min(done for done in again.seen[4:]) >= laid * PART
    assert (made().state, bytes(made().parts_key), parts()) == ("ready", b"", [])
    raw = file_of(iris)
    assert codes(judged(raw)) == set()


def test_interrupted_or_not_it_is_the_same_file(iris: Person, paid: Trip, tmp_path: Path) -> None:
    half_made(iris, tmp_path)
    prepare_exports(clock=Watching())
    raw, whole = file_of(iris), made().sha256

    export = made()
    beat = timezone.now() - timedelta(hours=1)
    Export.objects.update(state="running", parts_key=new_key(export), beat_at=beat, sha256="")
    assert prepare_exports(clock=timezone.now) == 1
    assert (made().sha256, file_of(iris)) == (whole, raw)


def test_parts_that_may_show_the_erased_go_and_it_is_made_anew(
    iris: Person, paid: Trip, tmp_path: Path
) -> None:
    half_made(iris, tmp_path, groups=["biz", "id", "loc"])
    size = made().size or 0
    sequence(now=EVENING)
    who = {"actor": "retention"}
    erase_positions([paid.pk], reason="order", who=who, subject="org-log", now=EVENING)
    sweep_exports(now=timezone.now())

    assert (parts(), made().state, bytes(made().parts_key)) == ([], "requested", b"")
    assert prepare_exports(clock=Watching()) == 1
    assert (made().size or 0) > size
    raw = file_of(iris)
    assert codes(judged(raw)) == set()
    assert judged(raw).counts.erased > 0


def test_an_altered_part_is_not_gone_on_with(iris: Person, paid: Trip, tmp_path: Path) -> None:
    half_made(iris, tmp_path)
    part = next(one for one in parts() if one.name == "0.jsonl")
    raw = bytearray(part.read_bytes())
    raw[20] ^= 1
    part.write_bytes(raw)

    assert prepare_exports(clock=Watching()) == 0
    assert (made().state, parts()) == ("failed", [])


def test_a_part_opens_in_its_own_place_alone(iris: Person, paid: Trip, tmp_path: Path) -> None:
    half_made(iris, tmp_path)
    shelf = SealedShelf(made(), beat=lambda: None)
    by_name = {one.name: one for one in parts()}
    by_name["0.csv"].write_bytes(by_name["0.jsonl"].read_bytes())

    assert shelf.read("0.jsonl")
    with pytest.raises(SealBroken):
        shelf.read("0.csv")


def test_cancelled_its_parts_go(iris: Person, paid: Trip, tmp_path: Path) -> None:
    half_made(iris, tmp_path)
    phone_of(iris).post(f"/api/v1/exports/{made().uid}/cancellation")
    assert (made().state, parts()) == ("cancelled", [])
