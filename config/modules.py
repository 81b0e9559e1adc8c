"""``{% import_map %}``: every JavaScript module at its hashed address, without a bundler."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def import_map(context: Context) -> SafeString:
    """The page's import map: imports stay relative, the browser swaps in the hashed file."""
    nonce = context["request"].csp_nonce
    return format_html('<script type="importmap" nonce="{}">{}</script>', nonce, _map())


@cache
def _map() -> SafeString:
    root = Path(settings.BASE_DIR, "static")
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.js"))
    imports = {settings.STATIC_URL + name: static(name) for name in names}
    text = json.dumps({"imports": imports}).replace("<", "\\u003c")
    return mark_safe(text)  # noqa: S308 -- file names of ours, and "<" is escaped
