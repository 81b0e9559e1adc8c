"""The log's own keys follow one another: said in the log, signed by both, and never back."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as given
from django.core.management import CommandError, call_command
from django.db import transaction

from attest.errors import LogInconsistent, NoteRefused
from attest.log.leaf import KeyRotated
from attest.log.note import SigningKey, open_note, sign_note
from attest.log.proof import Checkpoint as Signed
from attest.log.proof import TlogProof, open_checkpoint, verify_proof
from attest.log.signing import Ed25519Signer
from attest.log.trust import Rotation, Trust
from attest.log.witness import Witness
from ledger.guarding import lowered
from ledger.models import Checkpoint, Landmark, Leaf, Outbox
from ledger.outbox import put
from ledger.sequencer import tree
from ledger.services.check_log import check_log
from ledger.services.make_heirs import make_heirs
from ledger.services.prove import prove
from ledger.services.rotate_log import rotate_log
from ledger.services.sequence import sequence
from ledger.signer import Asked, sign, trust
from ledger.succession import Handover, rotation_notes
from ledger.witnessing import request_from
from tests.conftest import NOON
from vault import keyring
from vault.keyring.heirs import LOG_PEMS, crown, heir_of

from .deeds import expect_a_whole_log, said, setting, types
from .test_recover import backup, mirrored, recovered  # noqa: F401 -- a fixture among them
from .test_signer import signer_at, way  # noqa: F401 -- a fixture among them

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
LAST = LATER + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def folder(key_folder: Path, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Keys of this test's own: it replaces them."""
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    keyring.forget()
    yield settings.KEY_FOLDER
    keyring.forget()


@pytest.fixture
def begun() -> Trust:
    """A log that was signed by its first keys, and what an auditor was given then."""
    setting()
    sequence(now=NOON)
    return trust()


def verifying() -> list[str]:
    return [one.verifying.vkey for one in keyring.log_signers()]


def newest() -> str:
    return Checkpoint.objects.order_by("-size")[0].note


def signed(note: str, key: SigningKey) -> bool:
    try:
        open_note(note, [key.verifying])
    except NoteRefused:
        return False
    return True


# -- honest --------------------------------------------------------------------------------


def test_one_command_and_the_heirs_sign_from_then_on(begun: Trust, folder: Path) -> None:
    old, secrets = keyring.log_signers(), [(folder / pem).read_bytes() for pem in LOG_PEMS]
    call_command("keys", "renew", "log", stdout=StringIO())

    assert types().count("key-rotation") == 2
    assert not {*verifying()} & {one.verifying.vkey for one in old}
    assert [signed(newest(), one) for one in (*keyring.log_signers(), *old)] == [
        True,
        True,
        False,
        False,
    ]
    # The private halves before them are nowhere any more.
    assert not any(secret in path.read_bytes() for path in folder.iterdir() for secret in secrets)
    assert {(folder / pem).stat().st_mode & 0o777 for pem in LOG_PEMS} == {0o600}
    assert not any((folder / heir_of(pem)).exists() for pem in LOG_PEMS)
    expect_a_whole_log()
    assert check_log() == ""
    keyring.check()


def test_auditors_are_given_both_generations_and_up_to_where(begun: Trust) -> None:
    size = Leaf.objects.count()
    rotate_log(now=LATER)

    out = StringIO()
    call_command("ledger_trust", stdout=out)
    told = Trust.parse(out.getvalue())
    assert told == trust()
    assert [one.vkey for one in told.log] == verifying()
    assert [(one.key, one.until) for one in told.retired] == [
        (begun.log[0], size),
        (begun.log[1], size + 1),
    ]
    assert (told.log_at(size), told.log_at(size + 2)) == (begun.log, told.log)


def test_what_the_old_keys_signed_stands(begun: Trust) -> None:
    """A proof on a phone, from before: it verifies by the old trust file and by the new one."""
    entry = setting("another", at=LATER)
    sequence(now=LATER)
    proof = TlogProof.parse(prove(entry.hash, now=LATER) or "")
    rotate_log(now=LAST)

    for known in (begun, trust()):
        assert verify_proof(proof, entry.hash, known)[0].size == Leaf.objects.count() - 2


def test_twice_and_the_first_keys_are_still_led_on_from(begun: Trust) -> None:
    rotate_log(now=LATER)
    second = verifying()
    setting("between", at=LATER)
    rotate_log(now=LAST)

    assert [one.key.vkey for one in trust().retired] == [
        begun.log[0].vkey,
        begun.log[1].vkey,
        *second,
    ]
    for row in Checkpoint.objects.all():
        assert open_checkpoint(row.note, trust()).size == row.size
    expect_a_whole_log()


def test_a_witness_that_was_told_goes_on_and_one_that_was_not_signs_nothing(begun: Trust) -> None:
    held = newest()
    rotate_log(now=LATER)
    request = request_from(Signed.parse(held.partition("\n\n")[0] + "\n").size, now=LATER) or ""
    witness = Witness("audit.example.go.kr/w1", bytes(range(32)))

    answers = [
        witness.answer(request, held=held, trust=known, time=1_800_000_000).status
        for known in (trust(), begun)
    ]
    assert answers == [200, 403]


def test_a_sudden_end_before_the_leaf_is_ended_by_the_next_run(begun: Trust, folder: Path) -> None:
    make_heirs()
    made = [(folder / heir_of(pem)).read_bytes() for pem in LOG_PEMS]
    # The log is written and signed meanwhile as if nothing were begun.
    setting("meanwhile", at=LATER)
    sequence(now=LATER)
    assert open_checkpoint(newest(), begun).size == Leaf.objects.count()

    assert rotate_log(now=LAST)
    assert [(folder / pem).read_bytes() for pem in LOG_PEMS] == made


def test_a_disk_that_fills_while_an_heir_is_written_stops_nothing(
    begun: Trust, folder: Path
) -> None:
    """The empty file a full disk leaves has not the name of an heir, and goes with the next run."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            make_heirs()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert [path.stat().st_size for path in folder.glob("log-*.next.pem*")] == [0]
    keyring.check()
    setting("meanwhile", at=LATER)
    sequence(now=LATER)
    assert open_checkpoint(newest(), begun).size == Leaf.objects.count()
    assert rotate_log(now=LAST)
    assert list(folder.glob("log-*.next.pem*")) == []


def test_an_heir_made_while_others_take_their_names_takes_none(begun: Trust, folder: Path) -> None:
    """A rotation was cut off between two names; a keeper makes heirs just as it is ended."""
    make_heirs()
    first, second = LOG_PEMS
    (folder / heir_of(first)).replace(folder / first)
    signed, in_use = keyring.log_heirs(), (folder / first).read_bytes()
    taken = (folder / heir_of(second)).read_bytes()
    make_heirs()
    made = (folder / heir_of(first)).read_bytes()
    crown(signed)

    assert [(folder / pem).read_bytes() for pem in LOG_PEMS] == [in_use, taken]
    assert (folder / heir_of(first)).read_bytes() == made
    assert not (folder / heir_of(second)).exists()


def test_keys_in_the_environment_are_not_renewed_here(begun: Trust, settings: Any) -> None:
    settings.KEY_PROVIDER = "environment"
    with pytest.raises(CommandError, match="keys in the environment"):
        call_command("keys", "renew", "log")


# -- a signer apart ------------------------------------------------------------------------


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both halves share a process: the server has the public keys as they were printed first."""
    keys = tuple(one.verifying for one in keyring.log_signers())
    monkeypatch.setattr(keyring, "log_keys", lambda: keys)


def test_a_signer_apart_hands_over_to_the_heirs_its_keeper_made(
    begun: Trust,
    apart: None,
    way: Path,  # noqa: F811 -- the fixture
    settings: Any,
) -> None:
    with signer_at(way, settings):
        with pytest.raises(CommandError, match="--heirs"):
            call_command("keys", "renew", "log")
        assert "key-rotation" not in types()

        make_heirs()
        assert rotate_log(now=LATER)
        setting("afterwards", at=LATER)
        sequence(now=LATER)
        assert check_log() == ""
    # The server's own file of public keys is one generation old; the log leads it on.
    assert [one.vkey for one in trust().log] == verifying()
    expect_a_whole_log()


# -- attacks -------------------------------------------------------------------------------


def test_an_old_key_put_back_signs_nothing(begun: Trust, folder: Path) -> None:
    old = {pem: (folder / pem).read_bytes() for pem in LOG_PEMS}
    rotate_log(now=LATER)
    for pem, secret in old.items():
        (folder / pem).write_bytes(secret)
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
        _put(note)
    assert rotate_log(now=LATER)
    if when == "behind the next":
        rotate_log(now=LATER)
    for note in notes if when != "side by side" else ():
        _put(note)
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
    _put(sign_note(text, [old, thief]))
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


def test_old_keys_put_back_get_no_heirs(begun: Trust, folder: Path) -> None:
    old = {pem: (folder / pem).read_bytes() for pem in LOG_PEMS}
    rotate_log(now=LATER)
    new = {pem: (folder / pem).read_bytes() for pem in LOG_PEMS}
    # One of them is enough.
    for wrong in (old, new | {LOG_PEMS[1]: old[LOG_PEMS[1]]}):
        for pem, secret in wrong.items():
            (folder / pem).write_bytes(secret)
        refused("keys here did not sign the last head")
        assert keyring.log_heirs() == ()
        with pytest.raises(LogInconsistent):
            rotation_notes(now=LAST)

    for pem, secret in new.items():
        (folder / pem).write_bytes(secret)
    assert rotate_log(now=LAST)
    assert check_log() == ""


def test_old_keys_at_a_signer_apart_get_no_heirs(
    begun: Trust,
    apart: None,
    folder: Path,
    way: Path,  # noqa: F811 -- the fixture
    settings: Any,
) -> None:
    old = {pem: (folder / pem).read_bytes() for pem in LOG_PEMS}
    with signer_at(way, settings):
        make_heirs()
        rotate_log(now=LATER)
        for pem, secret in old.items():
            (folder / pem).write_bytes(secret)
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
    _put(rotation_notes(now=LATER)[0])
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


def _put(note: str, role: str = "log") -> None:
    with transaction.atomic():
        event = KeyRotated(role=role, note=note, who={"actor": "command"})
        put(event=event, at=LATER, subject="org-log")


@pytest.fixture
def waiting(begun: Trust) -> tuple[Asked, Handover]:
    """What an honest sequencer asks: a rotation that has its place, behind the signed head."""
    since = Leaf.objects.count()
    make_heirs()
    _put(rotation_notes(now=LATER)[0])
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
    assert [signed(note, one) for one in (heir, *old)] == [True, False, True]
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
    _put(sign_note(text, [new] if case == "one signature" else [old, new]))
    before = newest()

    with pytest.raises(LogInconsistent):
        sequence(now=LATER)
    assert newest() == before
    assert check_log()


# -- after a restore -----------------------------------------------------------------------


def test_a_backup_from_before_the_rotation_is_recovered(
    begun: Trust,
    iris: Any,
    backup: Any,  # noqa: F811 -- the fixture
    tmp_path: Path,
) -> None:
    restore, before = backup(), Leaf.objects.count()
    marks = list(Landmark.objects.all())
    rotate_log(now=LATER)
    setting("afterwards", at=LATER)
    sequence(now=LATER)
    known, size = trust(), Leaf.objects.count()
    mirrored(iris, tmp_path / "copy")
    restore()
    with lowered():
        Landmark.objects.all().delete()
        Landmark.objects.bulk_create(marks)
    assert "an old database" in check_log()

    assert recovered(tmp_path / "copy").startswith(f"{size - before} leaves back")
    assert trust() == known
    setting("and on", at=LAST)
    sequence(now=LAST)
    expect_a_whole_log()
    # Run again, the next rotation finds nothing of the first one to say twice.
    assert rotate_log(now=LAST)
    assert [said(row)["t"] for row in Leaf.objects.order_by("index")].count("key-rotation") == 4
