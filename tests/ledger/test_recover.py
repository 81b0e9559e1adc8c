"""A backup is older than the log: what was published comes back, or nothing is touched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Person
from attest.log.tiles import bundle, tile_path
from ledger.guarding import lowered
from ledger.models import Checkpoint, Head, Leaf, Outbox, Tile, TripHead
from ledger.services.promise import promise
from ledger.services.sequence import sequence
from tests.conftest import NOON, phone_of

from .deeds import LINE, expect_a_whole_log, opened, setting, wait_in_line

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
ROWS: tuple[Any, ...] = (Leaf, Tile, Head, Checkpoint, TripHead, Outbox)


def mirrored(auditor: Person, folder: Path) -> None:
    """What an auditor's program fetched from ``/log/`` yesterday."""
    size = Leaf.objects.count()
    for index in range(-(-size // 256)):
        name = tile_path("entries", index, min(256, size - 256 * index))
        answer = phone_of(auditor).get(f"/log/{name}")
        assert answer.status_code == 200
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer.content)


@pytest.fixture
def backup() -> Callable[[], Callable[[], None]]:
    """Keeps the log's rows as they are now; calling what it gives puts them back."""

    def keep() -> Callable[[], None]:
        kept = [(model, list(model.objects.all())) for model in ROWS]

        def restore() -> None:
            with lowered():
                for model, rows in kept:
                    model.objects.all().delete()
                    model.objects.bulk_create(rows)

        return restore

    return keep


def recovered(folder: Path, **options: Any) -> str:
    out = StringIO()
    call_command("ledger_recover", f"--from={folder}", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def restored(iris: Person, backup: Any, tmp_path: Path) -> Path:
    """300 leaves were in the backup, two waited, 40 more came; then the disk broke."""
    wait_in_line(300)
    sequence(now=LATER)
    setting("one", at=LATER)
    opened(at=LATER)
    restore = backup()
    wait_in_line(40, at=LATER)
    opened(at=LATER + timedelta(seconds=1))
    sequence(now=LATER + timedelta(minutes=1))
    mirrored(iris, tmp_path)
    restore()
    return tmp_path


def test_what_was_published_comes_back(restored: Path) -> None:
    before = Leaf.objects.count()
    assert Outbox.objects.count() == 2

    said = recovered(restored)
    assert said.startswith(f"{Leaf.objects.count() - before} leaves back")
    assert Leaf.objects.count() == before + 43
    sequence(now=LATER + timedelta(minutes=2))
    expect_a_whole_log()


def test_the_line_of_a_trip_goes_on_where_it_was(restored: Path) -> None:
    assert TripHead.objects.get(pk=LINE.log_id).n == 0
    recovered(restored)

    assert TripHead.objects.get(pk=LINE.log_id).n == 1
    opened(at=LATER + timedelta(minutes=2))
    sequence(now=LATER + timedelta(minutes=3))
    last = json.loads(bytes(Leaf.objects.order_by("-index")[0].entry))
    assert last["n"] == 2


def test_done_twice_it_does_nothing_more(restored: Path) -> None:
    recovered(restored)

    assert recovered(restored).startswith("0 leaves back")


@pytest.mark.parametrize("broken", ["missing", "altered", "short"])
def test_a_copy_that_does_not_lead_to_the_head_changes_nothing(restored: Path, broken: str) -> None:
    before = Leaf.objects.count(), Head.objects.get().size, Outbox.objects.count()
    for path in list(restored.rglob("tile/entries/001.p/*")):
        raw = path.read_bytes()
        if broken == "missing":
            shutil.rmtree(restored / "tile")
            break
        entry = b'{"at":"2026-11-23T03:10:00.000000Z","every":9,"t":"heartbeat","v":1}'
        altered = raw.replace(b'"every":1,', b'"every":2,')
        path.write_bytes({"altered": altered, "short": bundle([entry])}[broken])

    with pytest.raises(CommandError):
        recovered(restored)
    assert (Leaf.objects.count(), Head.objects.get().size, Outbox.objects.count()) == before


def test_a_receipt_without_a_leaf_is_named(restored: Path, tmp_path: Path) -> None:
    folder = tmp_path / "receipts"
    folder.mkdir()
    leaf = bytes(Leaf.objects.order_by("-index")[0].leaf_hash)
    (folder / "kept.txt").write_text(promise(leaf, at=LATER), encoding="utf-8")
    (folder / "lost.txt").write_text(promise(bytes(32), at=LATER), encoding="utf-8")
    (folder / "noise.txt").write_text("noise", encoding="utf-8")

    said = recovered(restored, receipts=folder).splitlines()
    assert said[1:] == ["lost.txt: its leaf is not here", "noise.txt: not a receipt of this log"]


def test_a_whole_log_needs_nothing(tmp_path: Path) -> None:
    setting()
    sequence(now=LATER)

    assert recovered(tmp_path).startswith("0 leaves back")
