"""Who knows the hash of a leaf gets a proof that needs no trust in this server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from ledger.models import Checkpoint, Leaf, Outbox
from ledger.services.prove import prove
from ledger.services.sequence import sequence
from ledger.signer import trust
from tests.conftest import NOON, phone_of

from .deeds import setting, wait_in_line

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def desk(tmp_path: Path) -> Callable[[str, bytes], subprocess.CompletedProcess[str]]:
    """An auditor's own machine: a proof, a leaf and the trust file, nothing else."""
    (tmp_path / "trust").write_text(trust().text(), encoding="utf-8")

    def verify(proof: str, entry: bytes) -> subprocess.CompletedProcess[str]:
        (tmp_path / "proof").write_text(proof, encoding="utf-8")
        (tmp_path / "leaf").write_bytes(entry)
        named = [str(tmp_path / name) for name in ("proof", "leaf", "trust")]
        asked = ["verify-proof", named[0], "--leaf", named[1], "--trust", named[2], "--json"]
        return subprocess.run(
            [sys.executable, "-m", "attest", "log", *asked],
            capture_output=True,
            check=False,
            text=True,
            cwd=ROOT,
        )

    return verify


def asked(person: Person, leaf: str) -> Any:
    return phone_of(person).get("/log/proof", {"leaf": leaf})


def test_a_proof_is_verified_by_a_program_that_knows_the_keys_alone(
    mallory: Person, desk: Any
) -> None:
    wait_in_line(300)
    entry = setting(at=NOON + timedelta(seconds=2))

    answer = asked(mallory, entry.hash.hex())
    assert answer.status_code == 200
    done = desk(answer.content.decode(), bytes(Leaf.objects.get(leaf_hash=entry.hash).entry))
    said = json.loads(done.stdout)
    assert (done.returncode, said["verdict"]) == (0, "verified")
    assert said["index"] == Leaf.objects.get(leaf_hash=entry.hash).index
    assert said["size"] == Leaf.objects.count()


def test_the_program_refuses_the_proof_for_another_leaf(ada: Person, desk: Any) -> None:
    first, second = setting("one"), setting("two")
    proof = asked(ada, first.hash.hex()).content.decode()

    done = desk(proof, bytes(Leaf.objects.get(leaf_hash=second.hash).entry))
    assert done.returncode == 1
    assert "proof.inclusion" in done.stdout


def test_a_leaf_exchanged_in_the_database_has_no_proof_that_holds(desk: Any) -> None:
    wait_in_line(300)
    entry = setting(at=NOON + timedelta(seconds=2))
    sequence(now=LATER)
    forged = bytes(Leaf.objects.get(leaf_hash=entry.hash).entry).replace(b"a setting", b"b setting")

    done = desk(prove(entry.hash, now=LATER), forged)
    assert done.returncode == 1


@pytest.mark.parametrize("rows", [1, 254, 255, 300])
def test_every_leaf_has_a_proof(rows: int) -> None:
    wait_in_line(rows)
    sequence(now=LATER)

    for row in Leaf.objects.order_by("index")[:: max(1, rows // 5)]:
        proof = prove(bytes(row.leaf_hash), now=LATER)
        assert proof is not None
        assert proof.startswith(f"c2sp.org/tlog-proof@v1\nindex {row.index}\n")
        assert proof.endswith(Checkpoint.objects.order_by("-size")[0].note)


def test_what_waits_is_placed_and_signed_before_it_is_proved(ada: Person) -> None:
    entry = setting()
    assert Outbox.objects.exists()

    assert asked(ada, entry.hash.hex()).status_code == 200
    assert not Outbox.objects.exists()


@pytest.mark.parametrize(
    "leaf",
    ["", "0" * 64, "0" * 63, "0" * 65, "g" * 64, "A" * 64, "０" * 64, "0" * 64 + "\n", "../" * 9],
)
def test_an_unknown_leaf_and_noise_are_not_found(leaf: str, ada: Person) -> None:
    setting()

    assert asked(ada, leaf).status_code == 404


def test_without_a_hash_there_is_no_proof(ada: Person) -> None:
    assert phone_of(ada).get("/log/proof").status_code == 404


def test_a_leaf_beyond_the_published_head_is_not_shown(ada: Person) -> None:
    setting()
    sequence(now=LATER)
    Leaf.objects.create(index=99, entry=b"{}", leaf_hash=bytes(32))

    assert prove(bytes(32), now=LATER) is None


def test_the_checkpoint_is_the_newest_and_is_asked_for_anew_each_time(ada: Person) -> None:
    setting()
    first = phone_of(ada).get("/log/checkpoint")
    setting()
    second = phone_of(ada).get("/log/checkpoint")

    sizes = [int(answer.content.split(b"\n")[1]) for answer in (first, second)]
    assert sizes[0] < sizes[1] == Leaf.objects.count()
    assert second.content.decode() == Checkpoint.objects.order_by("-size")[0].note
    assert second["Content-Type"] == "text/plain; charset=utf-8"
    assert second["Cache-Control"] == "no-cache"


def test_before_the_first_leaf_there_is_no_checkpoint(ada: Person) -> None:
    assert phone_of(ada).get("/log/checkpoint").status_code == 404


@pytest.mark.parametrize("path", ["/log/checkpoint", "/log/proof"])
def test_nobody_anonymous_reads_the_log(path: str) -> None:
    entry = setting()

    answer = Client().get(path, {"leaf": entry.hash.hex()})
    assert answer.status_code == 401
    assert b"tripseal" not in answer.content
    assert not Leaf.objects.exists()


@pytest.mark.parametrize("path", ["/log/checkpoint", "/log/proof"])
@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_the_log_is_only_read(path: str, verb: str, ada: Person) -> None:
    assert getattr(phone_of(ada), verb)(path).status_code == 405
