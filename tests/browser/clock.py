"""A page that believes in another hour.

The browser tool's own clock also tells keys when they were heard, not when they were pressed: what
a scanner types through a busy machine would then fall apart into somebody's slow fingers.
"""

from __future__ import annotations

import json
from datetime import timedelta

from playwright.sync_api import Page

_SHIFT = """((shift) => {
  const True = (globalThis[Symbol.for("true date")] ??= Date);
  globalThis.Date = class extends True {
    constructor(...said) {
      if (said.length) super(...said);
      else super(True.now() + shift);
    }
    static now() {
      return True.now() + shift;
    }
  };
})"""


def later(page: Page, **much: float) -> None:
    """*page*, now and whatever it opens, is so *much* (of `timedelta`) after the true hour."""
    shift = timedelta(**much) // timedelta(milliseconds=1)
    script = f"{_SHIFT}({json.dumps(shift)})"
    page.add_init_script(script)
    page.evaluate(script)
