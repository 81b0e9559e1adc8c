"""Ada without a line, and who orders her trips."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.server import Stage
from tests.browser.windows import Windows

from .phone import Ada, away_phone, traveller


@pytest.fixture
def bora(stage: Stage) -> Ada:
    made: Ada = stage("person", name="Bora", roles="traveller approver")
    return made


@pytest.fixture
def ada(stage: Stage, bora: Ada) -> Ada:
    return traveller(stage, bora)


@pytest.fixture
def phone(window: Windows, stage: Stage, ada: Ada) -> Page:
    return away_phone(window, stage, ada)
