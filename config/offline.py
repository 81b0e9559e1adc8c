"""``/sw.js``: pages that open without a line, and what each of them needs.

One script for all of them (``static/js/offline/worker.js``); before it stands the list, at
the files' hashed addresses. Another file gives another list, and so another cache.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

WORKER = "js/offline/worker.js"
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*"(\.{1,2}/[^"]+\.js)\"""")
# What every page of ours is drawn with.
_FRAME = (
    "css/app.css",
    "fonts/PretendardGOV-400-ui.woff2",
    "fonts/PretendardGOV-700-ui.woff2",
    "icons/sprite.svg",
    "icons/favicon.svg",
)


@dataclass(frozen=True, slots=True)
class Page:
    """*stand_in* names an address that shows nobody's data in place of *page*."""

    page: str
    stand_in: str
    modules: tuple[str, ...]
    files: tuple[str, ...] = ()


PAGES = (
    Page(
        page="settlement:scan",
        stand_in="settlement:scan-offline",
        modules=(
            "js/elements/desk-keys.js",
            "js/elements/keep-offline.js",
            "js/elements/qr-scanner.js",
            "js/elements/station-sound.js",
            "js/elements/step-up.js",
            "js/elements/verify-station.js",
            "js/elements/wedge-scanner.js",
        ),
        files=("vendor/zxing-wasm/zxing_reader.wasm",),
    ),
)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    del request
    answer = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    # The browser asks each time whether it is still this one.
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@cache
def _script() -> str:
    pages = [
        {
            "scope": reverse(one.page),
            "shell": reverse(one.stand_in),
            "files": [static(name) for name in (*_FRAME, *one.files, *modules(one.modules))],
        }
        for one in PAGES
    ]
    version = sha256(json.dumps(pages).encode()).hexdigest()[:12]
    told = json.dumps({"version": version, "pages": pages})
    return f"self.OFFLINE = {told};\n{_source(WORKER)}"


def modules(entries: Iterable[str]) -> list[str]:
    """*entries* and whatever they import, however far: each once, in a steady order."""
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        folder = Path(name).parent
        waiting += [_plain(folder / said) for said in _IMPORT.findall(_source(name))]
    return sorted(found)


def _plain(path: Path) -> str:
    root = Path(settings.BASE_DIR, "static")
    return (root / path).resolve().relative_to(root.resolve()).as_posix()


def _source(name: str) -> str:
    return Path(settings.BASE_DIR, "static", name).read_text(encoding="utf-8")
