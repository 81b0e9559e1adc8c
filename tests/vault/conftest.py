"""A key folder of a test's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vault import keyring


@pytest.fixture
def folder(tmp_path: Path, key_folder: Path, settings: Any) -> Iterator[Path]:
    """Whole, to be spoilt."""
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    keyring.forget()
    yield settings.KEY_FOLDER
    keyring.forget()
