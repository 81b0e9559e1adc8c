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
_AT_ONCE = re.compile(r"""(?:from|import)\s*"(\.{1,2}/[^"]+\.js)\"""")
# What every page of ours is drawn with.
_FRAME = (
    "css/app.css",
    "fonts/PretendardGOV-400-first.woff2",
    "fonts/PretendardGOV-700-first.woff2",
    "fonts/PretendardGOV-400-ui.woff2",
    "fonts/PretendardGOV-700-ui.woff2",
    "icons/sprite.svg",
    "icons/favicon.svg",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Pages that one worker looks after: *pages* by name, each with its stand-in.

    A stand-in shows nobody's data. A worker that *waits* takes over when somebody says so.
    """

    scope: str
    waits: bool
    pages: dict[str, str]
    modules: tuple[str, ...]
    files: tuple[str, ...] = ()


SCOPES = (
    Scope(
        scope="trips:today",
        waits=True,
        pages={"trips:today": "trips:offline", "trips:outbox": "trips:outbox-offline"},
        modules=(
            "js/elements/check-in.js",
            "js/elements/install-card.js",
            "js/elements/keep-offline.js",
            "js/elements/out-box.js",
            "js/elements/waiting-pill.js",
        ),
    ),
    Scope(
        scope="settlement:scan",
        waits=False,
        pages={"settlement:scan": "settlement:scan-offline"},
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
    scopes = [
        {
            "scope": reverse(one.scope),
            "waits": one.waits,
            "pages": [{"page": reverse(p), "shell": reverse(s)} for p, s in one.pages.items()],
            "files": [static(name) for name in (*_FRAME, *one.files, *modules(one.modules))],
        }
        for one in SCOPES
    ]
    version = sha256(json.dumps(scopes).encode()).hexdigest()[:12]
    told = json.dumps({"version": version, "scopes": scopes})
    return f"self.OFFLINE = {told};\n{_source(WORKER)}"


def modules(entries: Iterable[str]) -> list[str]:
    """*entries* and whatever they import, however far: each once, in a steady order."""
    return _followed(entries, _IMPORT)


def imported_by(name: str) -> list[str]:
    """What *name* itself imports before its first line runs."""
    return [_plain(Path(name).parent / said) for said in _AT_ONCE.findall(_source(name))]


def modules_at_once(entries: Iterable[str]) -> list[str]:
    """Those that must be there before the first line runs: not what is imported later on."""
    return _followed(entries, _AT_ONCE)


def _followed(entries: Iterable[str], imports: re.Pattern[str]) -> list[str]:
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        folder = Path(name).parent
        waiting += [_plain(folder / said) for said in imports.findall(_source(name))]
    return sorted(found)


def _plain(path: Path) -> str:
    root = Path(settings.BASE_DIR, "static")
    return (root / path).resolve().relative_to(root.resolve()).as_posix()


def _source(name: str) -> str:
    return Path(settings.BASE_DIR, "static", name).read_text(encoding="utf-8")
