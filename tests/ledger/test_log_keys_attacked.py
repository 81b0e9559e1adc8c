"""Whoever would have the log's keys follow otherwise: thieves, restored folders, liars."""

from __future__ import annotations

import os
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as given
from django.core.management import CommandError, call_command

from attest.errors import LogInconsistent, NoteRefused
from attest.log.leaf import KeyRotated
from attest.log.note import SigningKey, is_signed_by, sign_note
from attest.log.proof import Checkpoint as Signed
from attest.log.proof import open_checkpoint
from attest.log.signing import Ed25519Signer
from attest.log.trust import Rotation, Trust
from ledger.guarding import lowered
from ledger.models import Checkpoint, Landmark, Leaf, Outbox
from ledger.sequencer import tree
from ledger.services.check_log import check_log
from ledger.services.make_heirs import make_heirs
from ledger.services.rotate_log import rotate_log
from ledger.services.sequence import sequence
from ledger.signer import Asked, sign, trust
from ledger.succession import Handover, rotation_notes
from vault import keyring
from vault.keyring.heirs import LOG_PEMS

from .deeds import setting
from .generations import LAST, LATER, newest, put_rotation, verifying
from .test_recover import backup  # noqa: F401 -- a fixture
from .test_signer import signer_at, way  # noqa: F401 -- a fixture among them

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


def test_an_old_key_put_back_signs_nothing(begun: Trust, own_keys: Path) -> None:
    old = {pem: (own_keys / pem).read_bytes() for pem in LOG_PEMS}
    rotate_log(now=LATER)
    for pem, secret in old.items():
        (own_keys / pem).write_bytes(secret)
    setting("afterwards", at=LAST)
    before = newest()

    with pytest.raises(NoteRefused):
        sequence(now=LAST)
    assert check_log().endswith(" signed")
    assert newest() == before


@pytest.mark.parametrize("when", ["side by side", "later", "behind the next"])
def test_a_rotation_said_twice_happened_once(when: str, begun: Trust) -> None:
    """Two servers at once, or whoever writes to the log: its first leaf counts, the log goes on."""
    make_heirs()
    notes, at = rotation_notes(now=LATER), Leaf.objects.count()
    for note in notes * (2 if when == "side by side" else 1):
        put_rotation(note)
    assert rotate_log(now=LATER)
    if when == "behind the next":
        rotate_log(now=LATER)
    for note in notes if when != "side by side" else ():
        put_rotation(note)
    setting("afterwards", at=LAST)
    sequence(now=LAST)

    assert check_log() == ""
    assert {(key, at + n) for n, key in enumerate(begun.log)} <= {
        (one.key, one.until) for one in trust().retired
    }
    assert [one.vkey for one in trust().log] == verifying()
    for row in Checkpoint.objects.all():
        assert open_checkpoint(row.note, trust()).size == row.size
    assert rotate_log(now=LAST)


def test_a_second_heir_of_a_retired_key_stops_the_log(begun: Trust) -> None:
    old = keyring.log_signers()[0]
    rotate_log(now=LATER)
    thief: SigningKey = Ed25519Signer(begun.origin, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    text = Rotation(begun.origin, "log", old.verifying, thief.verifying, LATER).text()
    put_rotation(sign_note(text, [old, thief]))
    before = newest()

    with pytest.raises(LogInconsistent):
        sequence(now=LAST)
    assert newest() == before


def refused(why: str) -> None:
    """``keys renew log`` says *why* in a line, and has neither begun nor said anything."""
    rows = Landmark.objects.count(), Outbox.objects.count(), Leaf.objects.count()
    with pytest.raises(CommandError, match=why) as said_so:
        call_command("keys", "renew", "log", stdout=StringIO())
    assert "\n" not in str(said_so.value)
    assert (Landmark.objects.count(), Outbox.objects.count(), Leaf.objects.count()) == rows


def test_old_keys_put_back_get_no_heirs(begun: Trust, own_keys: Path) -> None:
    old = {pem: (own_keys / pem).read_bytes() for pem in LOG_PEMS}
    rotate_log(now=LATER)
    new = {pem: (own_keys / pem).read_bytes() for pem in LOG_PEMS}
    # One of them is enough.
    for wrong in (old, new | {LOG_PEMS[1]: old[LOG_PEMS[1]]}):
        for pem, secret in wrong.items():
            (own_keys / pem).write_bytes(secret)
        refused("keys here did not sign the last head")
        assert keyring.log_heirs() == ()
        with pytest.raises(LogInconsistent):
            rotation_notes(now=LAST)

    for pem, secret in new.items():
        (own_keys / pem).write_bytes(secret)
    assert rotate_log(now=LAST)
    assert check_log() == ""


def test_old_keys_at_a_signer_apart_get_no_heirs(
    begun: Trust,
    apart: None,
    own_keys: Path,
    way: Path,  # noqa: F811 -- the fixture
    settings: Any,
) -> None:
    old = {pem: (own_keys / pem).read_bytes() for pem in LOG_PEMS}
    with signer_at(way, settings):
        make_heirs()
        rotate_log(now=LATER)
        for pem, secret in old.items():
            (own_keys / pem).write_bytes(secret)
        make_heirs()
        refused("keys here did not sign the last head")


def test_no_rotation_in_a_database_that_was_put_back(
    begun: Trust,
    backup: Any,  # noqa: F811 -- the fixture
) -> None:
    restore = backup()
    setting("afterwards", at=LATER)
    sequence(now=LATER)
    restore()

    refused("an old database")
    assert keyring.log_heirs() == ()


@pytest.mark.parametrize("left", ["", "no checkpoint\n"])
def test_no_rotation_without_the_head_that_was_signed(begun: Trust, left: str) -> None:
    head = Path(given.HEAD_FILE)
    head.write_text(left) if left else head.unlink()

    refused("the head file is gone" if not left else "the head file does not hold")
    assert keyring.log_heirs() == ()


def test_a_head_that_an_old_key_signed_behind_its_rotation_is_refused(begun: Trust) -> None:
    old = keyring.log_signers()
    rotate_log(now=LATER)
    size = Leaf.objects.count()
    stolen = sign_note(Signed(begun.origin, size, tree(size).root()).text(), old)

    # By the trust of now; and the one of then is led on by the leaf, as bundles are.
    with pytest.raises(NoteRefused, match="no_log_key"):
        open_checkpoint(stolen, trust())


def test_whoever_keeps_a_rotation_from_the_signer_is_found_out(begun: Trust) -> None:
    """The old key signs behind its own rotation then: nobody believes that, or goes on from it."""
    make_heirs()
    put_rotation(rotation_notes(now=LATER)[0])
    with lowered():
        marked = list(Landmark.objects.filter(t=KeyRotated.t))
        Landmark.objects.filter(t=KeyRotated.t).delete()
    sequence(now=LATER)
    with lowered():
        Landmark.objects.bulk_create(marked)

    with pytest.raises(NoteRefused, match="no_log_key"):
        open_checkpoint(newest(), trust())
    setting("afterwards", at=LAST)
    with pytest.raises(NoteRefused):
        sequence(now=LAST)


@pytest.fixture
def waiting(begun: Trust) -> tuple[Asked, Handover]:
    """What an honest sequencer asks: a rotation that has its place, behind the signed head."""
    since = Leaf.objects.count()
    make_heirs()
    put_rotation(rotation_notes(now=LATER)[0])
    setting("after it", at=LATER)
    # The head file as it was before: what is asked for now is not signed yet.
    kept = Path(given.HEAD_FILE)
    before, when = kept.read_bytes(), kept.stat()
    sequence(now=LATER)
    kept.write_bytes(before)
    os.utime(kept, ns=(when.st_atime_ns, when.st_mtime_ns))
    size = Leaf.objects.count()
    grown = tree(size)
    handed = Handover(since, bytes(Leaf.objects.get(index=since).entry), grown.inclusion(since))
    text = Signed(begun.origin, size, grown.root()).text()
    return Asked(text, grown.consistency(since), 0, [handed]), handed


def test_the_signer_believes_the_leaf_and_its_proof(waiting: tuple[Asked, Handover]) -> None:
    asked, _ = waiting
    note = sign(asked, now=LAST)

    heir, old = keyring.log_heirs()[0], keyring.log_signers()
    assert [is_signed_by(note, one.verifying) for one in (heir, *old)] == [True, False, True]
    # In the next head too, with nobody to tell it again.
    assert sign(replace(asked, proof=(), handed=()), now=LAST) == note


@pytest.mark.parametrize("wrong", ["elsewhere", "no proof", "another leaf", "altered", "noise"])
def test_the_signer_takes_no_word_for_a_rotation(
    wrong: str, waiting: tuple[Asked, Handover]
) -> None:
    asked, handed = waiting
    behind = Leaf.objects.get(index=handed.index + 1)
    other = Handover(
        behind.index, bytes(behind.entry), tree(behind.index + 1).inclusion(behind.index)
    )
    told = {
        "elsewhere": replace(handed, index=handed.index + 1),
        "no proof": replace(handed, proof=()),
        "another leaf": other,
        "altered": replace(handed, entry=handed.entry.replace(b'"at":"2026', b'"at":"2027')),
        "noise": replace(handed, entry=b"{}"),
    }[wrong]
    held = Path(given.HEAD_FILE).read_bytes()

    with pytest.raises(LogInconsistent, match="rotation"):
        sign(replace(asked, handed=[told]), now=LAST)
    assert Path(given.HEAD_FILE).read_bytes() == held


@pytest.mark.parametrize("case", ["a stranger's heir", "a stranger's key", "one signature"])
def test_a_rotation_the_signer_did_not_make_changes_nothing(case: str, begun: Trust) -> None:
    make_heirs()
    mine, heir = keyring.log_signers()[0], keyring.log_heirs()[0]
    secret = Ed25519PrivateKey.from_private_bytes(bytes(32))
    stranger: SigningKey = Ed25519Signer(begun.origin, secret)
    pair = {"a stranger's heir": (mine, stranger), "a stranger's key": (stranger, heir)}
    old, new = pair.get(case, (mine, heir))
    text = Rotation(begun.origin, "log", old.verifying, new.verifying, LATER).text()
    put_rotation(sign_note(text, [new] if case == "one signature" else [old, new]))
    before = newest()

    with pytest.raises(LogInconsistent):
        sequence(now=LATER)
    assert newest() == before
    assert check_log()
