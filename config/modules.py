"""JavaScript modules at their hashed addresses, without a bundler.

``{% import_map %}`` names every one, ``{% preload_modules "js/elements/….js" %}`` has the
browser ask for all that a page's elements import in one breath, not one after the other.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from config.offline import modules_at_once

register = template.Library()


@register.simple_tag(takes_context=True)
def import_map(context: Context) -> SafeString:
    """The page's import map: imports stay relative, the browser swaps in the hashed file."""
    nonce = context["request"].csp_nonce
    return format_html('<script type="importmap" nonce="{}">{}</script>', nonce, _map())


@register.simple_tag(takes_context=True)
def preload_modules(context: Context, *entries: str) -> SafeString:
    link = '<link rel="modulepreload" nonce="{}" href="{}">'
    nonce = context["request"].csp_nonce
    return format_html_join("\n  ", link, ((nonce, address) for address in _addresses(entries)))


@cache
def _addresses(entries: tuple[str, ...]) -> list[str]:
    return [static(name) for name in modules_at_once(entries)]


@cache
def _map() -> SafeString:
    root = Path(settings.BASE_DIR, "static")
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.js"))
    imports = {settings.STATIC_URL + name: static(name) for name in names}
    text = json.dumps({"imports": imports}).replace("<", "\\u003c")
    return mark_safe(text)  # noqa: S308 -- file names of ours, and "<" is escaped
