"""Every state the touch can come to, as the page holds it: all of its parts and words at once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.acts import BROKEN
from tests.browser.chromium import PHONE
from tests.browser.server import Stage
from tests.browser.test_pages import AXE, SMALL, TAGS, WIDER
from tests.browser.windows import Windows

LOOKS = (
    {"locale": "ko-KR", "color_scheme": "light"},
    {"locale": "en-US", "color_scheme": "dark"},
)


@pytest.mark.parametrize("look", LOOKS, ids=["ko-light", "en-dark"])
def test_no_state_of_the_touch_stands_in_the_way(
    window: Windows, stage: Stage, look: dict[str, str]
) -> None:
    ada, bora = (stage("person", name=name, roles="traveller approver") for name in ("Ada", "Bora"))
    stage("trip", traveller=ada["uid"], approver=bora["uid"])
    page = window(PHONE | look, person=ada, bypass_csp=True)
    page.goto("/")
    page.evaluate(AXE.read_text())
    views = page.evaluate(VIEWS)

    assert len(views) >= 14
    assert {view: _trouble(page, view) for view in views} == {view: [] for view in views}


def _trouble(page: Page, view: str) -> list[Any]:
    """What somebody would stumble over, at 360 px, and at 320 px with letters twice as large."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate(SHOWN, view)
    found = [*page.evaluate(FOUND, TAGS), *page.evaluate(SMALL)]
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    found += [*page.evaluate(WIDER), *page.evaluate(BROKEN, "check-in .touch, .result__ribbon")]
    page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    return found


VIEWS = "() => [...document.querySelectorAll('template[data-view]')].map((one) => one.dataset.view)"
# Of words for each kind of touch one is shown, as it is; whatever is hidden is revealed.
SHOWN = """(view) => {
  const element = document.querySelector("check-in");
  const place = element.querySelector("[data-stage]");
  element.querySelector("form").hidden = true;
  for (const before of element.querySelectorAll("[data-before]")) before.hidden = true;
  const page = element.querySelector(`template[data-view="${view}"]`);
  place.replaceChildren(page.content.cloneNode(true));
  for (const one of place.querySelectorAll("[data-kind]:not([data-kind=return])")) one.remove();
  for (const one of place.querySelectorAll("[hidden]")) one.hidden = false;
  for (const one of place.querySelectorAll("a[data-to]")) one.href = "/";
  for (const one of place.querySelectorAll("[data-slot]:empty")) {
    const said = document.createElement(one.matches("ul") ? "li" : "span");
    said.textContent = (one.dataset.say ?? "{}").replace(/\\{\\w*\\}/, "12");
    one.replaceChildren(said);
  }
}"""
FOUND = """async (values) => {
  await Promise.allSettled(document.getAnimations()
    .filter(({ effect }) => effect.getTiming().iterations === 1).map(({ finished }) => finished));
  const { violations } = await axe.run("main", { runOnly: { type: "tag", values } });
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}"""
