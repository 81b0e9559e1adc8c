"""A small town whose bundle is honest, to be read or spoilt."""

from __future__ import annotations

import pytest

from .town import Town, small


@pytest.fixture
def town() -> Town:
    return small()
