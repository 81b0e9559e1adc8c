from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.clock import Clock, stopped
from tests.conftest import NOON
from tests.push_service import PushService, push_service
from vault import keyring


@pytest.fixture
def clock() -> Iterator[Clock]:
    with stopped(NOON) as clock:
        yield clock


@pytest.fixture(scope="session")
def push_keys(key_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of an installation before and after it switched push on: it is one pair more."""
    return Path(shutil.copytree(key_folder, tmp_path_factory.mktemp("push") / "keys"))


@pytest.fixture
def switched_on(db: None, push_keys: Path, settings: Any) -> Path:
    settings.KEY_FOLDER = push_keys
    keyring.forget()
    if not (push_keys / keyring.PUSH_PEM).exists():
        call_command("keys", "push", verbosity=0)
    return push_keys


@pytest.fixture
def service(switched_on: Path, tmp_path: Path, settings: Any) -> Iterator[PushService]:
    with push_service(tmp_path) as service:
        settings.PUSH_HOSTS = (service.host,)
        settings.PUSH_INSIDE = True
        settings.PUSH_CA_FILE = str(service.certificate)
        yield service
