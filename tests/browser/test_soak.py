"""A few rounds of `make soak`."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Playwright

from tests.browser.server import Server
from tests.browser.soak import soak


def test_a_phone_without_luck_loses_and_doubles_nothing(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    told: list[str] = []
    tally = soak(playwright, server, tmp_path, rounds=5, seed=5, say=told.append)

    assert tally.rounds == 5, told
    assert (tally.lost, tally.doubled) == ([], [])
