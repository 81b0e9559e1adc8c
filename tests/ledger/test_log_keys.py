"""The log's own keys follow one another: said in the log, signed by both, and never back."""

from __future__ import annotations

import resource
import signal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from attest.log.note import is_signed_by
from attest.log.proof import Checkpoint as Signed
from attest.log.proof import TlogProof, open_checkpoint, verify_proof
from attest.log.trust import Trust
from attest.log.witness import Witness
from ledger.guarding import lowered
from ledger.models import Checkpoint, Landmark, Leaf
from ledger.services.check_log import check_log
from ledger.services.make_heirs import make_heirs
from ledger.services.prove import prove
from ledger.services.rotate_log import rotate_log
from ledger.services.sequence import sequence
from ledger.signer import trust
from ledger.witnessing import request_from
from vault import keyring
from vault.keyring.heirs import LOG_PEMS, crown, heir_of

from .deeds import expect_a_whole_log, said, setting, types
from .generations import LAST, LATER, newest, verifying
from .test_recover import backup, mirrored, recovered  # noqa: F401 -- a fixture among them
from .test_signer import signer_at, way  # noqa: F401 -- a fixture among them

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


def test_one_command_and_the_heirs_sign_from_then_on(begun: Trust, own_keys: Path) -> None:
    old, secrets = keyring.log_signers(), [(own_keys / pem).read_bytes() for pem in LOG_PEMS]
    call_command("keys", "renew", "log", stdout=StringIO())

    assert types().count("key-rotation") == 2
    assert not {*verifying()} & {one.verifying.vkey for one in old}
    assert [is_signed_by(newest(), one.verifying) for one in (*keyring.log_signers(), *old)] == [
        True,
        True,
        False,
        False,
    ]
    # The private halves before them are nowhere any more.
    assert not any(secret in path.read_bytes() for path in own_keys.iterdir() for secret in secrets)
    assert {(own_keys / pem).stat().st_mode & 0o777 for pem in LOG_PEMS} == {0o600}
    assert not any((own_keys / heir_of(pem)).exists() for pem in LOG_PEMS)
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


def test_a_sudden_end_before_the_leaf_is_ended_by_the_next_run(
    begun: Trust, own_keys: Path
) -> None:
    make_heirs()
    made = [(own_keys / heir_of(pem)).read_bytes() for pem in LOG_PEMS]
    # The log is written and signed meanwhile as if nothing were begun.
    setting("meanwhile", at=LATER)
    sequence(now=LATER)
    assert open_checkpoint(newest(), begun).size == Leaf.objects.count()

    assert rotate_log(now=LAST)
    assert [(own_keys / pem).read_bytes() for pem in LOG_PEMS] == made


def test_a_disk_that_fills_while_an_heir_is_written_stops_nothing(
    begun: Trust, own_keys: Path
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

    assert [path.stat().st_size for path in own_keys.glob("log-*.next.pem*")] == [0]
    keyring.check()
    setting("meanwhile", at=LATER)
    sequence(now=LATER)
    assert open_checkpoint(newest(), begun).size == Leaf.objects.count()
    assert rotate_log(now=LAST)
    assert list(own_keys.glob("log-*.next.pem*")) == []


def test_an_heir_made_while_others_take_their_names_takes_none(
    begun: Trust, own_keys: Path
) -> None:
    """A rotation was cut off between two names; a keeper makes heirs just as it is ended."""
    make_heirs()
    first, second = LOG_PEMS
    (own_keys / heir_of(first)).replace(own_keys / first)
    signed, in_use = keyring.log_heirs(), (own_keys / first).read_bytes()
    taken = (own_keys / heir_of(second)).read_bytes()
    make_heirs()
    made = (own_keys / heir_of(first)).read_bytes()
    crown(signed)

    assert [(own_keys / pem).read_bytes() for pem in LOG_PEMS] == [in_use, taken]
    assert (own_keys / heir_of(first)).read_bytes() == made
    assert not (own_keys / heir_of(second)).exists()


def test_keys_in_the_environment_are_not_renewed_here(begun: Trust, settings: Any) -> None:
    settings.KEY_PROVIDER = "environment"
    with pytest.raises(CommandError, match="keys in the environment"):
        call_command("keys", "renew", "log")


# -- a signer apart ------------------------------------------------------------------------


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
