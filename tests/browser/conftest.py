"""A real browser against the real server. What is missing stops the run; nothing is skipped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser import server as installation_of
from tests.browser.acts import LOST, Ada, hurry, near
from tests.browser.chromium import PHONE, chromium, launch, version
from tests.browser.passkeys import Passkeys
from tests.browser.server import ROOT, Server, Stage
from tests.browser.windows import PATIENCE_MS, Windows

HERE = Path(__file__).parent
PICTURES = ROOT / "build" / "shots"
COUNTED = HERE / "expected_count.txt"
SHOTS = ROOT / "build" / "browser"

_failed = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help=f"keep each look in {PICTURES}")


def pytest_configure() -> None:
    chromium()
    # In development mode it tells of every wait for the browser.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    expect.set_options(timeout=PATIENCE_MS)


def pytest_report_header() -> str:
    return f"browser: {version()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


# --- nothing may be left out silently ----------------------------------------------------


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.nodeid.startswith("tests/browser/"):
        _calls.add(report.nodeid)


_calls: set[str] = set()


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workerinput") or not _whole(config):
        return
    expected = int(COUNTED.read_text())
    if len(_calls) != expected:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    expected = int(COUNTED.read_text())
    if _whole(config) and len(_calls) != expected:
        said = f"{len(_calls)} browser tests ran, {COUNTED.relative_to(ROOT)} says {expected}"
        terminalreporter.write_line(said, red=True)


def _whole(config: pytest.Config) -> bool:
    """Whether all browser tests were asked for, not one file or one word."""
    chosen = config.option.keyword or config.option.markexpr or config.option.collectonly
    asked = [Path(arg.partition("::")[0]).resolve() for arg in config.args]
    return not chosen and all("::" not in arg for arg in config.args) and HERE in asked


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_failed] = report.failed
    return report


# --- the installation ----------------------------------------------------------------------


@pytest.fixture(autouse=True)
def installation() -> None:
    """In place of the other tests' one: this server has a data folder of its own."""


@pytest.fixture(scope="session")
def static() -> Path:
    return installation_of.collected(SHOTS / "static")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, static: Path) -> Iterator[Server]:
    with installation_of.running(tmp_path_factory.mktemp("server"), static=static) as running:
        yield running
    # What it complains of was never meant to happen: no page of ours asks for it.
    assert "Traceback" not in running.log, running.log


@pytest.fixture(scope="session")
def stage(server: Server) -> Stage:
    return server.stage


# --- the browser -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = launch(playwright)
    yield started
    started.close()


@pytest.fixture
def camera(playwright: Playwright) -> Iterator[Callable[[Path], Browser]]:
    """Starts a browser whose camera sees a film."""
    started = []

    def start(film: Path) -> Browser:
        started.append(launch(playwright, film=film))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="session")
def picture(pytestconfig: pytest.Config) -> Callable[[Page, str], None]:
    """Keeps a page as a picture where they are asked for: to draw it whole is a third of a look."""
    asked = pytestconfig.getoption("--pictures")

    def keep(page: Page, name: str) -> None:
        if asked:
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    return keep


@pytest.fixture
def window(
    request: pytest.FixtureRequest, server: Server, browser: Browser, camera: Any
) -> Iterator[Windows]:
    """Opens windows; whatever went wrong in one of them fails the test."""
    del camera  # ended after the windows are
    windows = Windows(server, browser)
    yield windows
    if request.node.stash.get(_failed, False):
        windows.pictures(SHOTS, request.node.name)
    troubles = windows.close()
    assert not troubles, "\n".join(troubles)


# -- a traveller on the way; who tells of another says so where they tell --------------------


@pytest.fixture
def bora(stage: Stage) -> Ada:
    made: Ada = stage("person", name="Bora", roles="traveller approver")
    return made


@pytest.fixture
def ada(stage: Stage, bora: Ada) -> Ada:
    """On the way to the district office; she said yes to the position, and has no passkey."""
    made: Ada = stage("person", name="Ada", roles="traveller")
    stage("consent", person=made["uid"])
    made["trip"] = stage("trip", traveller=made["uid"], approver=bora["uid"])["uid"]
    return made


@pytest.fixture
def phone(window: Windows, stage: Stage, ada: Ada) -> Page:
    """Ada's, by the district office, with the passkey she always had."""
    page = window(
        PHONE, person=ada, permissions=["geolocation"], geolocation=near(), expected=[LOST]
    )
    Passkeys.of(page, stage("passkey", person=ada["uid"]))
    page.goto("/")
    hurry(page)
    return page
