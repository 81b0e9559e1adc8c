"""The sequencer gives each leaf its place, and the signer signs only what follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from attest.errors import LogInconsistent, NoteRefused
from attest.log.leaf import Heartbeat, read_time
from attest.log.merkle import verify_consistency, verify_inclusion
from ledger.adapters.head_file import write_head
from ledger.guarding import lowered
from ledger.models import Checkpoint, Head, Leaf, Opening, Outbox, Tile
from ledger.sequencer import tree
from ledger.services.append import append
from ledger.services.check_log import check_log
from ledger.services.sequence import sequence
from tests.conftest import NOON

from .deeds import expect_a_whole_log, naive, published, said, setting, types, wait_in_line

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
# The log's own first leaves: its start, and a first heartbeat.
OWN = 2


def deeds_at(*seconds: float) -> None:
    with transaction.atomic():
        for second in seconds:
            append(event=Heartbeat(every=1), at=NOON + timedelta(seconds=second))


def head_file(settings: Any) -> Path:
    return Path(settings.HEAD_FILE)


# -- places ------------------------------------------------------------------------------


def test_an_empty_log_has_no_leaf_and_no_head(settings: Any) -> None:
    assert sequence(now=NOON) == 0

    assert not Head.objects.exists()
    assert not Checkpoint.objects.exists()
    assert not head_file(settings).exists()


def test_the_first_leaf_tells_of_the_start_and_of_the_keys() -> None:
    setting()
    sequence(now=LATER)

    first = said(Leaf.objects.get(index=0))
    assert (first["t"], first["what"]) == ("config-change", "log-start")
    assert first["at"] == "2026-11-23T03:00:00.000000Z"
    assert types() == ["config-change", "config-change", "heartbeat"]


@pytest.mark.parametrize("rows", [1, 255, 256, 257, 600])
def test_all_that_waits_gets_its_place_in_the_order_it_came(rows: int) -> None:
    wait_in_line(rows)
    waiting = [bytes(row.leaf_hash) for row in Outbox.objects.order_by("pk")]

    assert sequence(now=LATER) == rows + OWN
    placed = Leaf.objects.exclude(outbox_id=None).order_by("index")
    assert [bytes(row.leaf_hash) for row in placed] == waiting
    expect_a_whole_log()


@pytest.mark.parametrize("size", [OWN + 1, 255, 256, 257, 512, 513])
def test_the_tree_is_the_one_of_the_definition_at_every_edge(size: int) -> None:
    wait_in_line(size - OWN)
    sequence(now=LATER)

    ours, theirs = tree(size), naive()
    expect_a_whole_log()
    for index in (0, 1, size // 2, size - 1):
        proof = ours.inclusion(index)
        assert list(proof) == theirs.path(index, 0, size)
        verify_inclusion(
            index=index,
            size=size,
            leaf_hash=theirs.hashes[index],
            proof=proof,
            root=published().root,
        )


@pytest.mark.parametrize("steps", [(1,) * 6, (253, 1, 1, 1), (250, 3, 1, 300), (512 - OWN, 1)])
def test_it_grows_in_steps_and_each_head_follows_from_the_last(steps: Sequence[int]) -> None:
    signed = []
    for n, rows in enumerate(steps):
        at = NOON + timedelta(minutes=n)
        wait_in_line(rows, at=at)
        sequence(now=at + timedelta(seconds=1))
        signed.append(published())

    sizes = [size + OWN for size in accumulate(steps)]
    assert [one.size for one in signed] == sizes
    expect_a_whole_log()
    for old in signed:
        proof = tree(sizes[-1]).consistency(old.size)
        assert list(proof) == naive().proof(old.size, sizes[-1])
        verify_consistency(
            old=old.size, new=sizes[-1], old_root=old.root, new_root=signed[-1].root, proof=proof
        )


def test_tiles_hold_the_hashes_of_the_leaves_and_nothing_else() -> None:
    wait_in_line(600 - OWN)
    sequence(now=LATER)

    tiles = {(row.level, row.n): bytes(row.data) for row in Tile.objects.all()}
    hashes = b"".join(naive().hashes)
    assert tiles == {
        (0, 0): hashes[: 256 * 32],
        (0, 1): hashes[256 * 32 : 512 * 32],
        (0, 2): hashes[512 * 32 :],
        (1, 0): naive().tree_hash(0, 256) + naive().tree_hash(256, 512),
    }


def test_more_than_one_handful_is_taken_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.sequencer.MOST", 7)
    wait_in_line(21)

    assert sequence(now=LATER) == 21 + OWN
    expect_a_whole_log()


def test_a_second_run_finds_nothing_to_do() -> None:
    wait_in_line(3)
    sequence(now=LATER)
    before = list(Leaf.objects.values_list("index", "leaf_hash")), Checkpoint.objects.get().note

    assert sequence(now=LATER) == 3 + OWN
    after = list(Leaf.objects.values_list("index", "leaf_hash")), Checkpoint.objects.get().note
    assert after == before


def test_one_leaf_has_one_place() -> None:
    deeds_at(1)
    sequence(now=LATER)
    deeds_at(1)

    with pytest.raises(IntegrityError), transaction.atomic():
        sequence(now=LATER)


# -- time --------------------------------------------------------------------------------


def times_hold(skew: timedelta) -> bool:
    """No leaf lies further behind the latest before it; a clock step resets the latest."""
    latest = read_time("2000-01-01T00:00:00.000000Z")
    for row in Leaf.objects.order_by("index"):
        told = said(row)
        at = read_time(told["at"])
        latest = read_time(told["now"]) if told["t"] == "clock-step" else latest
        if at < latest - skew:
            return False
        latest = max(latest, at)
    return True


@pytest.mark.parametrize(
    ("behind", "steps"),
    [(10, []), (10.000001, ["clock-step"]), (3_600, ["clock-step"])],
)
def test_a_late_commit_is_said_before_it_and_not_moved(behind: float, steps: list[str]) -> None:
    deeds_at(0, -behind)
    sequence(now=NOON)

    assert types() == ["config-change", "heartbeat", *steps, "heartbeat", "heartbeat"]
    assert said(Leaf.objects.exclude(outbox_id=None).order_by("-index")[0])["at"] == as_text(
        NOON - timedelta(seconds=behind)
    )
    expect_a_whole_log()


def as_text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_clock_step_tells_from_when_to_when_and_why() -> None:
    deeds_at(0, -60)
    sequence(now=NOON)

    (step,) = [said(row) for row in Leaf.objects.all() if said(row)["t"] == "clock-step"]
    assert (step["was"], step["now"]) == (as_text(NOON), as_text(NOON - timedelta(seconds=60)))
    assert step["cause"] == "late-commit"


@pytest.mark.parametrize(
    "seconds",
    [
        (0, -60, 0, -60, 0),
        (0, -9, -18, -27),
        (0, -11, -22, -33),
        (-60, 0, -5, 30, 19),
        (0, -3_600, -7_200, 1, -10),
    ],
)
def test_however_late_they_come_the_leaves_hold_the_rule_of_time(seconds: Sequence[float]) -> None:
    deeds_at(*[second + n / 1_000 for n, second in enumerate(seconds)])
    sequence(now=LATER)

    assert times_hold(timedelta(seconds=10))
    assert types().count("heartbeat") == len(seconds) + 1
    expect_a_whole_log()


@pytest.mark.parametrize("runs", [1, 2])
def test_two_steps_back_to_one_moment_stop_nothing(runs: int) -> None:
    """They would be the same leaf, and a leaf stands once: the log must not wait for ever."""
    for _ in range(runs):
        for seconds in (0, -60, 0, -60):
            setting(at=NOON + timedelta(seconds=seconds))
        sequence(now=NOON)

    assert types().count("clock-step") == 2 * runs
    assert times_hold(timedelta(seconds=10))
    expect_a_whole_log()


def test_a_late_commit_is_seen_across_two_runs() -> None:
    deeds_at(0)
    sequence(now=NOON)
    deeds_at(-60)
    sequence(now=NOON)

    assert types().count("clock-step") == 1
    assert times_hold(timedelta(seconds=10))


def test_every_hour_there_is_a_heartbeat_busy_or_not() -> None:
    setting()
    sequence(now=NOON)
    beats = []
    for minutes in (59, 60, 61, 119, 120, 300):
        sequence(now=NOON + timedelta(minutes=minutes))
        beats.append(types().count("heartbeat"))

    assert beats == [1, 2, 2, 2, 3, 4]
    last = said(Leaf.objects.order_by("-index")[0])
    assert (last["every"], last["at"]) == (3_600, as_text(NOON + timedelta(minutes=300)))
    expect_a_whole_log()


def test_a_heartbeat_does_not_run_before_the_deeds_it_follows() -> None:
    deeds_at(0)
    sequence(now=NOON - timedelta(seconds=5))

    assert times_hold(timedelta(0))


# -- signatures --------------------------------------------------------------------------


def test_the_head_file_is_the_newest_checkpoint(settings: Any) -> None:
    for n in range(3):
        setting(at=NOON + timedelta(seconds=n))
        sequence(now=LATER)

        newest = Checkpoint.objects.order_by("-size")[0]
        assert head_file(settings).read_text() == newest.note
        assert bytes(newest.root) == published().root
    assert head_file(settings).parent.stat().st_mode & 0o077 == 0
    assert [path.name for path in head_file(settings).parent.iterdir()] == ["checkpoint"]


def test_a_checkpoint_is_signed_by_both_keys_of_the_log(settings: Any) -> None:
    setting()
    sequence(now=LATER)

    note = Checkpoint.objects.get().note
    lines = [line for line in note.splitlines() if line.startswith("— ")]
    assert len(lines) == 2
    for line in lines:
        alone = note.replace(line + "\n", "")
        with lowered():
            Checkpoint.objects.update(note=alone)
        with pytest.raises(NoteRefused, match="no_log_key"):
            published()


def test_what_was_committed_and_not_signed_is_signed_by_the_next_run(settings: Any) -> None:
    setting()
    sequence(now=LATER)
    note = head_file(settings).read_text()
    setting()
    sequence(now=LATER)

    # As if killed before the note was written, and as if killed before its row.
    newest = Checkpoint.objects.order_by("-size")[0]
    for left_behind in (note, newest.note):
        with lowered():
            newest.delete()
        write_head(left_behind, at=LATER)
        sequence(now=LATER)
        expect_a_whole_log()
        newest = Checkpoint.objects.order_by("-size")[0]
    assert head_file(settings).read_text() == newest.note


class Backup:
    """The database as it stood: what a restore brings back."""

    def __init__(self) -> None:
        tables: list[Any] = [Leaf, Tile, Head, Checkpoint, Outbox, Opening]
        self.rows = {table: list(table.objects.all()) for table in tables}

    def restore(self) -> None:
        with lowered():
            for table, rows in self.rows.items():
                table.objects.all().delete()
                table.objects.bulk_create(rows)


@pytest.fixture
def backup() -> Backup:
    wait_in_line(300)
    sequence(now=LATER)
    old = Backup()
    wait_in_line(5, at=LATER)
    sequence(now=LATER)
    return old


def test_a_rolled_back_database_is_not_signed(backup: Backup, settings: Any) -> None:
    before = head_file(settings).read_text()
    backup.restore()

    with pytest.raises(LogInconsistent, match=r"from 307 to 302 leaves"):
        sequence(now=LATER)
    assert head_file(settings).read_text() == before
    assert check_log() == "302 leaves here, 307 signed before: an old database"


@pytest.mark.parametrize("more", [5, 6, 200, 300])
def test_nor_is_it_after_it_has_grown_anew(backup: Backup, settings: Any, more: int) -> None:
    before = head_file(settings).read_text()
    backup.restore()
    wait_in_line(more, at=LATER + timedelta(seconds=1))

    with pytest.raises(LogInconsistent, match="do not follow"):
        sequence(now=LATER)
    assert head_file(settings).read_text() == before
    assert Checkpoint.objects.count() == 1
    assert "302" in check_log() or "307" in check_log()


def test_another_root_at_the_same_size_is_not_signed(settings: Any) -> None:
    setting()
    sequence(now=LATER)
    with lowered():
        Head.objects.update(root=bytes(32))

    with pytest.raises(LogInconsistent):
        sequence(now=LATER)
    assert "are not the" in check_log()


def test_a_hash_exchanged_at_the_edge_of_the_tree_is_not_signed_over() -> None:
    wait_in_line(300)
    sequence(now=LATER)
    edge = Tile.objects.get(level=0, n=1)
    with lowered():
        Tile.objects.filter(pk=edge.pk).update(data=bytes(32) + bytes(edge.data)[32:])
    wait_in_line(1, at=LATER)

    with pytest.raises(LogInconsistent):
        sequence(now=LATER)


@pytest.mark.parametrize("left", [None, ""])
def test_without_its_head_file_the_log_does_not_start_over(left: str | None, settings: Any) -> None:
    setting()
    sequence(now=LATER)
    head_file(settings).unlink()
    head_file(settings).parent.joinpath(*["checkpoint"] * (left is not None)).touch()

    with pytest.raises(LogInconsistent, match="head file is gone"):
        sequence(now=LATER)
    assert check_log() == "the head file is gone, 3 leaves were signed"


@pytest.mark.parametrize("altered", ["\n", "x", "— "])
def test_a_head_file_that_does_not_hold_is_not_followed(altered: str, settings: Any) -> None:
    setting()
    sequence(now=LATER)
    file = head_file(settings)
    file.write_text(altered + file.read_text())

    with pytest.raises(NoteRefused):
        sequence(now=LATER)
    assert check_log() == "the head file does not hold"


def test_another_origin_is_another_log(settings: Any) -> None:
    setting()
    sequence(now=LATER)
    settings.LOG_ORIGIN = "elsewhere.example/log"
    with pytest.raises((NoteRefused, LogInconsistent)):
        sequence(now=LATER)


def test_with_its_clock_turned_back_nothing_is_signed() -> None:
    setting()
    sequence(now=LATER)
    setting()

    with pytest.raises(LogInconsistent, match="clock"):
        sequence(now=LATER - timedelta(seconds=2, microseconds=1))
    assert Checkpoint.objects.count() == 1
    sequence(now=LATER - timedelta(seconds=2))
    expect_a_whole_log()


def test_what_is_refused_keeps_waiting_and_the_deeds_go_on(settings: Any) -> None:
    setting()
    sequence(now=LATER)
    mislaid = head_file(settings).rename(head_file(settings).with_name("mislaid"))

    for _ in range(3):
        setting()
        with pytest.raises(LogInconsistent):
            sequence(now=LATER)
    assert "3 leaves" in check_log()
    mislaid.rename(head_file(settings))
    sequence(now=LATER)
    expect_a_whole_log()
    assert types().count("config-change") == 5


def test_a_whole_log_has_nothing_to_report() -> None:
    assert check_log() == ""
    setting()
    assert check_log() == ""
    sequence(now=LATER)

    assert check_log() == ""
