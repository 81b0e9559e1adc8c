"""The log before its keys follow one another."""

from __future__ import annotations

import pytest

from attest.log.trust import Trust
from ledger.services.sequence import sequence
from ledger.signer import trust
from tests.conftest import NOON
from vault import keyring

from .deeds import setting


@pytest.fixture
def begun() -> Trust:
    """A log that was signed by its first keys, and what an auditor was given then."""
    setting()
    sequence(now=NOON)
    return trust()


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both halves share a process: the server has the public keys as they were printed first."""
    keys = tuple(one.verifying for one in keyring.log_signers())
    monkeypatch.setattr(keyring, "log_keys", lambda: keys)
