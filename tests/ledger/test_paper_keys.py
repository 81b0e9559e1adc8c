"""Keys under log receipts and exports follow one another: said in the log, believed up to there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from attest.errors import LogInconsistent, NoteRefused
from attest.log.leaf import read_leaf
from attest.log.note import SigningKey, is_signed_by, sign_note
from attest.log.proof import Receipt, open_receipt
from attest.log.trust import Rotation, Trust, open_rotation
from ledger.models import Landmark, Leaf
from ledger.services.check_papers import check_papers
from ledger.services.promise import promise
from ledger.services.rotate_papers import rotate_papers
from ledger.services.sequence import sequence
from ledger.services.tell_trust import tell_trust
from ledger.services.unsaid_papers import unsaid_papers
from ledger.signer import exporter, trust
from tests.clock import Clock, stopped
from tests.conftest import NOON
from vault import keyring
from vault.keyring import heirs

from .deeds import expect_a_whole_log, types
from .generations import LAST, LATER, newest, put_rotation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]
BOTH = pytest.mark.parametrize("role", ["receipt", "export"])
LEAF = bytes(range(32))


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with stopped(LATER) as clock:
        yield clock


def rotate(role: str) -> bool:
    return rotate_papers(role, clock=lambda: LATER)


def rotate_at(role: str, at: datetime) -> bool:
    return rotate_papers(role, clock=lambda: at)


def renew(role: str) -> str:
    out = StringIO()
    call_command("keys", "renew", role, stdout=out)
    return out.getvalue()


def held(role: str) -> list[str]:
    return [one.verifying.vkey for one in heirs.signers(role)]


def secrets(folder: Path, role: str) -> dict[str, bytes]:
    return {pem: (folder / pem).read_bytes() for pem in heirs.PEMS[role]}


@BOTH
def test_one_command_and_the_heirs_sign_from_then_on(
    role: str, begun: Trust, own_keys: Path
) -> None:
    old, secret = held(role), secrets(own_keys, role)
    said = renew(role)

    assert "ledger_trust" in said
    assert types().count("key-rotation") == len(old)
    assert not {*held(role)} & {*old}
    # The private halves before them are nowhere any more, nor is anything left lying about.
    for path in own_keys.iterdir():
        assert path.read_bytes() not in secret.values(), path.name
        assert not path.name.endswith((".next.pem", ".handover.txt")), path.name
        assert path.stat().st_mode & 0o777 == 0o600
    expect_a_whole_log()
    keyring.check()
    assert (check_papers(), unsaid_papers()) == ("", "")


@BOTH
def test_the_trust_file_names_both_generations_and_each_leads_to_the_other(
    role: str, begun: Trust
) -> None:
    renew(role)
    told = Trust.parse(tell_trust())

    assert [one.vkey for one in told.lineage(role).now] == held(role)
    assert {one.key for one in told.lineage(role).retired} == {*begun.lineage(role).now}
    led = begun
    for row in Leaf.objects.order_by("index"):
        if (leaf := read_leaf(bytes(row.entry)))["t"] == "key-rotation":
            led = led.followed(open_rotation(leaf["note"], led), index=row.index)
    assert led == told


def test_receipts_of_before_and_of_after_are_believed(begun: Trust) -> None:
    before = promise(LEAF, at=NOON)
    renew("receipt")
    again, after = promise(LEAF, at=NOON), promise(LEAF, at=LAST)

    assert before != again
    assert {open_receipt(note, trust()).at for note in (before, again)} == {NOON}
    assert open_receipt(after, trust()).at == LAST
    # By the file of before the old one stands; of the new ones it knows nothing.
    assert open_receipt(before, begun).at == NOON
    with pytest.raises(NoteRefused, match="no_log_key"):
        open_receipt(after, begun)


def test_a_server_that_runs_takes_up_the_new_keys_by_itself(begun: Trust) -> None:
    kept, first = keyring.receipt_signers(), exporter()
    assert keyring.receipt_signers() == kept
    renew("receipt")
    renew("export")

    assert not {*keyring.receipt_signers()} & {*kept}
    assert exporter() != first
    note = promise(LEAF, at=LAST)
    assert not any(is_signed_by(note, one.verifying) for one in kept)


def test_stolen_old_keys_of_receipts_promise_nothing_any_more(begun: Trust) -> None:
    stolen = keyring.receipt_signers()
    renew("receipt")
    at = LATER + timedelta(seconds=11)
    forged = sign_note(Receipt(begun.origin, LEAF, at).text(), stolen)

    with pytest.raises(NoteRefused, match="key_ended"):
        open_receipt(forged, trust())


@BOTH
def test_twice_and_the_first_keys_are_still_led_on_from(role: str, begun: Trust) -> None:
    first, note = held(role), promise(LEAF, at=NOON)
    renew(role)
    second = held(role)
    assert rotate_papers(role, clock=lambda: LAST)

    retired = [one.key.vkey for one in trust().lineage(role).retired]
    assert {*retired} == {*first, *second}
    assert open_receipt(note, trust()).at == NOON


def test_receipts_never_end_before_the_receipts_before_them(begun: Trust) -> None:
    rotate_papers("receipt", clock=lambda: LAST)
    kept = held("receipt")
    with pytest.raises(LogInconsistent, match="clock"):
        rotate("receipt")
    assert held("receipt") == kept
    assert rotate_papers("receipt", clock=lambda: LAST + timedelta(days=1))


# -- old backups, liars --------------------------------------------------------------------


@BOTH
def test_old_keys_put_back_are_told_and_get_no_heirs(
    role: str, begun: Trust, own_keys: Path
) -> None:
    old = secrets(own_keys, role)
    renew(role)
    new, leaves = secrets(own_keys, role), Leaf.objects.count()
    for pem, secret in old.items():
        (own_keys / pem).write_bytes(secret)

    assert check_papers().startswith(f"the {role} keys here are not those in use")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["log"]) == (503, check_papers())
    with pytest.raises(CommandError, match="an old backup"):
        renew(role)
    assert (Leaf.objects.count(), heirs.waiting(role)) == (leaves, {})
    if role == "export":
        with pytest.raises(LogInconsistent, match="an old backup"):
            exporter()
    for pem, secret in new.items():
        (own_keys / pem).write_bytes(secret)
    assert check_papers() == ""


@BOTH
def test_a_second_heir_of_a_retired_key_stops_the_log(role: str, begun: Trust) -> None:
    (old, *_), thief = heirs.signers(role), _thief(role)
    renew(role)
    text = Rotation(begun.origin, role, old.verifying, thief.verifying, LAST).text()
    put_rotation(sign_note(text, [old, thief]), role)

    expect_a_log_that_stopped()


@BOTH
def test_a_leaf_that_calls_a_rotation_by_another_role_is_believed_in_neither(
    role: str, begun: Trust
) -> None:
    (old, *_), heir = heirs.signers(role), _thief(role)
    text = Rotation(begun.origin, role, old.verifying, heir.verifying, LATER).text()
    put_rotation(sign_note(text, [old, heir]), {"receipt": "export", "export": "receipt"}[role])

    expect_a_log_that_stopped()


def expect_a_log_that_stopped() -> None:
    before = newest()
    with pytest.raises(LogInconsistent, match="do not lead to those here"):
        sequence(now=LAST)
    with pytest.raises(LogInconsistent):
        trust()
    assert newest() == before


def _thief(role: str) -> SigningKey:
    heirs.make(role)
    made = heirs.heirs(role)[0]
    for pem in heirs.PEMS[role]:
        (Path(keyring.providers.folder()) / heirs.heir_of(pem)).unlink()
    return made


@BOTH
def test_keys_in_the_environment_are_not_renewed_here(
    role: str, begun: Trust, settings: Any
) -> None:
    settings.KEY_PROVIDER = "environment"
    with pytest.raises(CommandError, match="keys in the environment"):
        renew(role)


# -- a sudden end --------------------------------------------------------------------------


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def killed_at(step: int, deed: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether *deed* came to its durable step number *step*, and went no further."""
    seen = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*said: Any, **more: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == step:
                raise Killed
            return call(*said, **more)

        return counting

    with monkeypatch.context() as patched:
        for place, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
            patched.setattr(place, name, counted(getattr(place, name)))
        try:
            deed()
        except Killed:
            return True
    return False


@BOTH
def test_killed_anywhere_the_next_run_ends_it_and_says_it_once(
    role: str, begun: Trust, own_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each step everything signs as before it or behind it; nobody's keys are lost."""
    now, step, count = LATER, 0, len(heirs.PEMS[role])
    turns: list[datetime] = []
    while True:
        step, now = step + 1, now + timedelta(minutes=1)
        before = [key.verifying for key in heirs.signers(role)]
        early = promise(LEAF, at=now - timedelta(seconds=30))
        if not killed_at(step, partial(rotate_at, role, now), monkeypatch):
            break
        turns.append(now)
        keyring.check()
        assert check_papers() == ""
        meanwhile = promise(LEAF, at=now + timedelta(seconds=20))
        now += timedelta(minutes=1)
        assert rotate_at(role, now), step

        known = trust()
        assert (unsaid_papers(), heirs.waiting(role), heirs.handovers(role)) == ("", {}, {}), step
        assert not {*before} & {*known.lineage(role).now}, step
        for note in (early, meanwhile, promise(LEAF, at=now)):
            open_receipt(note, known)
    notes = [
        read_leaf(bytes(row.entry))["note"]
        for row in Leaf.objects.order_by("index")
        if read_leaf(bytes(row.entry))["t"] == "key-rotation"
    ]
    assert len(turns) > 4 * count
    assert len(notes) == len({*notes}) == Landmark.objects.filter(t="key-rotation").count()
    assert len(trust().lineage(role).retired) == len(notes)
    expect_a_whole_log()
