"""JavaScript modules at their hashed addresses, without a bundler.

``{% import_map %}`` names every one: imports stay relative, the browser swaps in the hashed
file. A page that counts its bytes names its *elements* in the context: then the map has what
they import, however far, and ``{% preload_modules %}`` has the browser ask for all of it that
must be there at once, not one after the other.
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

from config.offline import imported_by, modules, modules_at_once

register = template.Library()


@register.simple_tag(takes_context=True)
def import_map(context: Context) -> SafeString:
    nonce = context["request"].csp_nonce
    found = _map(context.get("elements", ()))
    return format_html('<script type="importmap" nonce="{}">{}</script>', nonce, found)


@register.simple_tag(takes_context=True)
def preload_modules(context: Context) -> SafeString:
    link = '<link rel="modulepreload" nonce="{}" href="{}">'
    nonce = context["request"].csp_nonce
    return format_html_join(
        "\n  ", link, ((nonce, address) for address in _addresses(context["elements"]))
    )


@cache
def _addresses(entries: tuple[str, ...]) -> list[str]:
    """What is imported by imports. The nearer ones are found as soon as their importer is there."""
    near = {*entries, *(name for entry in entries for name in imported_by(entry))}
    return [static(name) for name in modules_at_once(entries) if name not in near]


@cache
def _map(entries: tuple[str, ...]) -> SafeString:
    root = Path(settings.BASE_DIR, "static")
    every = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.js"))
    names = modules(entries) if entries else every
    imports = {settings.STATIC_URL + name: static(name) for name in names}
    text = json.dumps({"imports": imports}).replace("<", "\\u003c")
    return mark_safe(text)  # noqa: S308 -- file names of ours, and "<" is escaped
