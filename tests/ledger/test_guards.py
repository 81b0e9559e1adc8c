"""The database refuses to change the past of the log, whoever asks in plain SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from ledger.guarding import lacking, lowered
from ledger.models import Anchor, Checkpoint, Head, Landmark, Leaf, Outbox, Tile
from ledger.services.check_guards import check_guards
from ledger.services.sequence import sequence
from ledger.services.trim_heads import KEPT, trim_heads
from tests.conftest import NOON
from tests.ledger.deeds import expect_a_whole_log, setting, wait_in_line

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)
EVERY = (Anchor, Checkpoint, Head, Landmark, Leaf, Outbox, Tile)
TABLES = [f"ledger_{one.__name__.lower()}" for one in EVERY]
ATTACKS = (
    *("UPDATE ledger_leaf SET entry = leaf_hash", "DELETE FROM ledger_leaf"),
    *('UPDATE ledger_leaf SET "index" = "index" + 9', "UPDATE ledger_leaf SET outbox_id = NULL"),
    "UPDATE ledger_leaf SET leaf_hash = leaf_hash",
    *("UPDATE ledger_checkpoint SET note = 'x'", "UPDATE ledger_checkpoint SET size = size + 1"),
    "UPDATE ledger_checkpoint SET root = substr(root, 2)",
    "UPDATE ledger_checkpoint SET note = substr(note, 1, 40)",
    *("DELETE FROM ledger_checkpoint", "UPDATE ledger_checkpoint SET signed_at = '2020-01-01'"),
    *("UPDATE ledger_anchor SET size = size + 1", "DELETE FROM ledger_anchor"),
    *("UPDATE ledger_tile SET data = substr(data, 1, 32)", "DELETE FROM ledger_tile"),
    *("UPDATE ledger_tile SET n = n + 1", "UPDATE ledger_tile SET data = data"),
    *("UPDATE ledger_head SET size = size - 1", "DELETE FROM ledger_head"),
    *("UPDATE ledger_head SET root = root", "UPDATE ledger_head SET latest_at = '2020-01-01'"),
    *("UPDATE ledger_landmark SET name = 'x'", "DELETE FROM ledger_landmark"),
    *("UPDATE ledger_outbox SET entry = leaf_hash", "DELETE FROM ledger_outbox"),
)
# What only one of the two databases knows.
OWN = {
    "postgresql": [f"TRUNCATE {table}" for table in TABLES],
    "sqlite": [
        'UPDATE OR REPLACE ledger_leaf SET "index" = 0',
        *(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" for table in TABLES),
    ],
}


@pytest.fixture
def past() -> None:
    """A log that has a row of everything, and one deed that still waits."""
    wait_in_line(300)
    sequence(now=LATER)
    size = Head.objects.get().size
    said = {"blob": b"line", "digest": sha256(b"line").digest(), "at": LATER}
    Anchor.objects.create(size=size, kind=Anchor.Kind.WITNESS, **said)
    Landmark.objects.create(leaf_hash=bytes(32), t="erasure", sha256=b"")
    setting()


def rows() -> list[list[tuple[object, ...]]]:
    every = (one.objects.order_by("pk").values_list() for one in EVERY)
    return [[tuple(map(_plain, row)) for row in found] for found in every]


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError as no:
        return "the log does not let go of its past" in str(no)
    return False


def test_no_statement_changes_what_was_logged(past: None) -> None:
    before = rows()
    assert all(before)
    attacks = (*ATTACKS, *OWN[connection.vendor])

    assert [one for one in attacks if not refused(one)] == []
    assert rows() == before


def test_the_log_grows_on_under_its_guards(past: None) -> None:
    wait_in_line(300, at=LATER)
    sequence(now=LATER + timedelta(minutes=1))
    row = Checkpoint.objects.latest("size")
    row.note += "— a witness\n"
    row.save(update_fields=["note"])

    row.note = row.note.removesuffix("— a witness\n")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(update_fields=["note"])
    wait_in_line(1, at=LATER + timedelta(minutes=2))
    sequence(now=LATER + timedelta(minutes=2))
    expect_a_whole_log()


def test_a_deed_leaves_the_outbox_for_its_place_and_no_other_way(past: None) -> None:
    waiting = Outbox.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        waiting.delete()

    sequence(now=LATER + timedelta(minutes=1))
    assert Leaf.objects.filter(leaf_hash=bytes(waiting.leaf_hash)).exists()


def test_who_owns_the_database_can_lower_them_and_they_stand_again(past: None) -> None:
    with lowered():
        Leaf.objects.filter(index=0).delete()

    assert refused("DELETE FROM ledger_leaf")
    assert refused("UPDATE ledger_head SET size = 0")


def head(size: int, at: datetime) -> Checkpoint:
    return Checkpoint.objects.create(size=size, root=bytes(32), note=str(size), signed_at=at)


def test_old_heads_go_but_the_last_of_an_hour_and_what_was_seen_outside() -> None:
    hour = datetime(2026, 1, 5, 3, tzinfo=UTC)
    for number in range(8):
        head(10 + number, hour + timedelta(minutes=20 * number))
    said = {"kind": Anchor.Kind.STAMP, "blob": b"x", "digest": bytes(32), "at": hour}
    Anchor.objects.create(size=13, **said)

    # 10, 11, 12 are of one hour, 13 to 15 of the next, 16 and 17 of the last.
    assert trim_heads(now=hour + KEPT) == 0
    assert trim_heads(now=hour + KEPT + timedelta(minutes=30)) == 2
    assert trim_heads(now=hour + KEPT + timedelta(hours=9)) == 2
    assert [row.size for row in Checkpoint.objects.order_by("size")] == [12, 13, 15, 17]
    assert trim_heads(now=hour + KEPT + timedelta(days=900)) == 0


def test_the_database_itself_keeps_the_heads_that_stay() -> None:
    hour = datetime(2026, 1, 5, 3, tzinfo=UTC)
    for number in range(4):
        head(10 + number, hour + timedelta(minutes=20 * number))
    said = {"kind": Anchor.Kind.MAIL, "blob": b"x", "digest": bytes(32), "at": hour}
    Anchor.objects.create(size=10, **said)

    kept = [10, 12, 13]
    assert all(refused(f"DELETE FROM ledger_checkpoint WHERE size = {size}") for size in kept)
    assert not refused("DELETE FROM ledger_checkpoint WHERE size = 11")


# -- whether they stand ----------------------------------------------------------------------


def statement(name: str) -> str:
    table = f"ledger_{name.partition('_')[0]}"
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER {name}{on}"


def test_all_of_them_stand_on_either_database() -> None:
    assert lacking() == []
    assert Client().get("/readyz").json()["log"] == "ok"


def test_each_one_that_is_gone_is_named_and_nobody_is_turned_away() -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("leaf_delete"))
        cursor.execute(statement("outbox_update"))

    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["log"] == "ok (log.guard-missing: leaf_delete, outbox_update)"


def test_of_many_the_first_are_named() -> None:
    names = [f"{one}_{deed}" for one in ("anchor", "head", "leaf") for deed in ("delete", "update")]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(statement(name))

    assert (
        check_guards() == "log.guard-missing: anchor_delete, anchor_update, head_delete and 3 more"
    )


def test_one_that_was_put_in_its_place_and_refuses_nothing_is_none() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE ledger_leaf DISABLE TRIGGER leaf_update")
            cursor.execute(
                "CREATE OR REPLACE FUNCTION ledger_outbox_goes() RETURNS trigger "
                "LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
            )
        else:
            cursor.execute(statement("leaf_update"))
            cursor.execute(
                "CREATE TRIGGER leaf_update BEFORE update ON ledger_leaf WHEN 0 "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )

    gone = {"postgresql": ["leaf_update", "ledger_outbox_goes"], "sqlite": ["leaf_update"]}
    assert lacking() == gone[connection.vendor]


# By its name each is there still: never asked, another function, too late, once a statement, of
# one column, on another table, and a function that bears the name of a trigger.
_REFUSES = "EXECUTE FUNCTION ledger_refuses('the log does not let go of its past: {}')"
REMADE = {
    "postgresql": [
        ("head_update", "BEFORE UPDATE ON ledger_head FOR EACH ROW WHEN (false)", "update of head"),
        ("leaf_delete", "BEFORE DELETE ON ledger_leaf FOR EACH ROW EXECUTE FUNCTION lets()", ""),
        ("leaf_truncate", "AFTER TRUNCATE ON ledger_leaf", "truncate of leaf"),
        ("leaf_update", "BEFORE UPDATE ON ledger_leaf FOR EACH STATEMENT", "update of leaf"),
        ("leaf_update", "BEFORE UPDATE OF entry ON ledger_leaf FOR EACH ROW", "update of leaf"),
        ("leaf_delete", "BEFORE DELETE ON ledger_anchor FOR EACH ROW", "delete of leaf"),
        ("leaf_delete", "BEFORE DELETE ON ledger_leaf EXECUTE FUNCTION leaf_delete()", ""),
    ],
    "sqlite": [
        ("leaf_delete", "BEFORE DELETE ON ledger_anchor BEGIN SELECT RAISE(ABORT, 'no'); END", ""),
        ("leaf_delete", "AFTER DELETE ON ledger_leaf BEGIN SELECT 1; END", ""),
    ],
}


def test_one_that_was_made_anew_and_is_another_is_none() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for function in ("lets", "leaf_delete"):
                cursor.execute(
                    f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
                    "AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"
                )
    for name, said, refusal in REMADE[connection.vendor]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement(name))
            does = _REFUSES.format(refusal) if refusal else ""
            cursor.execute(f"CREATE TRIGGER {name} {said} {does}")
            assert lacking() == [name], said
            transaction.set_rollback(True)
        assert lacking() == []


def test_they_stand_again_after_they_stepped_aside() -> None:
    with lowered():
        assert len(lacking()) > 20
    assert lacking() == []
