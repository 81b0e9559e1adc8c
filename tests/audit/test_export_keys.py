"""The key under exports is followed by another: what it signed stands, and it signs no more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Person
from audit.models import Export
from ledger.models import Leaf
from ledger.services.promise import promise
from ledger.services.tell_trust import tell_trust
from ledger.signer import exporter
from tests.attest.bundle.town import members
from tests.audit.office import ask, content_of, take, taken
from tests.clock import Clock
from tests.settlement.desk import batch_of, pay
from trips.models import Trip
from vault import keyring

Verified = Callable[..., dict[str, Any]]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def paid(own_keys: Path, felix: Person, payable: Trip) -> Trip:
    pay(felix, batch_of(felix, payable))
    return payable


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier as it is released: one file, and no server's code around it."""
    folder = tmp_path_factory.mktemp("release")
    subprocess.run(
        [sys.executable, "scripts/release.py", str(folder)],
        check=False,
        capture_output=True,
        cwd=ROOT,
    )
    return folder / "attest.pyz"


@pytest.fixture
def verified(core: Path, tmp_path: Path) -> Verified:
    def verify(raw: bytes, keys: str, **receipts: str) -> dict[str, Any]:
        (tmp_path / "bundle.zip").write_bytes(raw)
        (tmp_path / "trust.txt").write_text(keys)
        (tmp_path / "receipts").mkdir(exist_ok=True)
        for name, text in receipts.items():
            (tmp_path / "receipts" / name).write_text(text)
        command = [sys.executable, str(core), "bundle", "verify", "bundle.zip", "--json"]
        command += ["--trust", "trust.txt", "--receipts", "receipts"]
        done = subprocess.run(command, check=False, capture_output=True, cwd=tmp_path)
        report: dict[str, Any] = json.loads(done.stdout)
        assert report["exit"] == done.returncode
        return report

    return verify


def failures(report: dict[str, Any]) -> set[str]:
    return {one["code"] for one in report["findings"] if one["severity"] == "fail"}


def renew(*roles: str) -> None:
    for role in roles:
        call_command("keys", "renew", role, stdout=StringIO())


def promised(at: datetime) -> str:
    """A log receipt for a leaf there is."""
    return promise(bytes(Leaf.objects.get(index=1).leaf_hash), at=at)


def test_bundles_and_receipts_of_before_and_after_verify_by_the_file_of_now(
    iris: Person, verified: Verified, clock: Clock
) -> None:
    first = tell_trust()
    before, early = taken(iris, form="zip"), promised(clock.at)
    renew("export", "receipt")
    clock.later(minutes=1)
    after, late = taken(iris, form="zip"), promised(clock.at)

    for raw in (before, after):
        report = verified(raw, tell_trust(), early=early, late=late)
        assert (failures(report), report["exit"]) == (set(), 0)
    # By the file of before: the rotation inside leads on, and is told with both keys.
    report = verified(after, first, early=early, late=late)
    assert (failures(report), report["exit"]) == (set(), 0)
    assert [one["code"] for one in report["findings"]].count("key.followed") == 3


def test_a_stolen_key_signs_no_bundle_and_no_receipt_that_verifies(
    iris: Person, verified: Verified, clock: Clock, own_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thief has the old keys and the whole database, but none of the log's own keys."""
    first = tell_trust()
    stolen, promisers = exporter(), keyring.receipt_signers()
    renew("export", "receipt")
    clock.later(minutes=1)
    monkeypatch.setattr("audit.bundling.exporter", lambda: stolen)
    monkeypatch.setattr(keyring, "receipt_signers", lambda: promisers)
    forged, promise = taken(iris, form="zip"), promised(clock.at)
    monkeypatch.undo()

    for keys in (first, tell_trust()):
        report = verified(forged, keys, forged=promise)
        assert failures(report) == {"sign.key_ended", "receipt.key_ended"}
        assert report["exit"] == 1
        for one in report["findings"]:
            assert one["ko"], one["en"]


def test_what_was_asked_for_before_and_made_after_is_signed_by_the_heir(
    iris: Person, verified: Verified, clock: Clock
) -> None:
    asked = ask(iris, form="zip").json()["id"]
    old = exporter()
    renew("export")
    raw = content_of(take(iris, asked))

    report = verified(raw, tell_trust())
    assert (failures(report), report["exit"]) == (set(), 0)
    envelope = json.loads(members(raw)["export.dsse.json"])
    assert [one["keyid"] for one in envelope["signatures"]] != [old.verifying.id.hex()]


def test_an_old_key_put_back_makes_no_bundle(iris: Person, clock: Clock, own_keys: Path) -> None:
    secret = (own_keys / "export-ed25519.pem").read_bytes()
    renew("export")
    (own_keys / "export-ed25519.pem").write_bytes(secret)

    answer = take(iris, ask(iris, form="zip").json()["id"])
    assert (answer.status_code, Export.objects.get().state) == (404, "failed")
