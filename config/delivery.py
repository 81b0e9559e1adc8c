"""How static files are delivered: hashed, pressed, and all styles in one sheet.

``css/app.css`` names its parts, one a component. A phone that had to fetch each would wait
forty times; so ``collectstatic`` lays the parts into the sheet, layer by layer, in order.
Scripts go out line by line as they are here, but for the remarks, which no phone reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/app.css"
_PART = re.compile(r'@import "([^"]+)" layer\((\w+)\)(?: (\w+))?;')
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
# A remark that has its lines to itself: nothing follows its first end, and it ends there.
_ASIDE = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.DOTALL | re.MULTILINE)
_SCRIPTS = ("js/", "vendor/idb/")
_MARGIN = re.compile(r"\n\s*")


class OneSheetStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The sheet is laid together before names are hashed."""

    def post_process(self, paths: dict[str, Any], **options: Any) -> Iterator[Any]:
        if SHEET in paths and not options.get("dry_run"):
            self.delete(SHEET)
            self.save(SHEET, ContentFile(laid(SHEET).encode()))
            paths = paths | {SHEET: (self, SHEET)}
            for name in [path for path in paths if _is_script(path)]:
                self.delete(name)
                self.save(name, ContentFile(_ASIDE.sub("", _read(name)).encode()))
                paths = paths | {name: (self, name)}
        yield from super().post_process(paths, **options)


def _is_script(path: str) -> bool:
    return path.startswith(_SCRIPTS) and path.endswith(".js")


def laid(sheet: str) -> str:
    """*sheet* with the text of each part in the place that names it."""
    folder = sheet.rpartition("/")[0]
    return _bare(_PART.sub(lambda found: _part(folder, *found.groups()), _read(sheet)))


def _part(folder: str, name: str, layer: str, media: str | None) -> str:
    text = f"@layer {layer} {{\n{_read(f'{folder}/{name}')}\n}}"
    return f"@media {media} {{\n{text}\n}}" if media else text


def _bare(text: str) -> str:
    return _MARGIN.sub("\n", _REMARK.sub("", text))


def _read(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_text(encoding="utf-8")
