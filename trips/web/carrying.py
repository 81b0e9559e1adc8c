"""A sheet that is looked at and comes back with the yes: nothing of it is kept in between."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.csv_sheet import LARGEST
from attest.errors import BatchChanged, ImportRefused
from trips.web.forms import SheetForm

# A preview lists so many rows; the counts are of all.
SHOWN = 200
# A larger sheet does not fit into a form's field: its file is chosen once more.
_CARRIED = 200_000
TONES = {"new": "ok", "changed": "brand", "same": "info", "refused": "bad"}
FATES = {
    "new": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "same": gettext_lazy("Same as before"),
    "refused": gettext_lazy("Refused"),
}
REFUSED: dict[str, Any] = {
    "import.csv": gettext_lazy("The rows cannot be told apart. Please save it as CSV once more."),
    "import.encoding": gettext_lazy("This is not a CSV file in UTF-8 or CP949."),
    "import.workbook": gettext_lazy("The Excel file cannot be opened."),
    "import.locked": gettext_lazy("The Excel file is locked with a password."),
    "import.formula": gettext_lazy("A cell holds a formula. Please put its value there."),
    "import.too-large": gettext_lazy("The sheet is larger than 5 MiB."),
    "import.too-many-rows": gettext_lazy("The sheet has more than 20,000 rows."),
    "import.empty": gettext_lazy("The sheet has no rows."),
    "import.header-twice": gettext_lazy("A heading stands twice in the first row."),
    "import.header-unknown": gettext_lazy("The first row has a heading that is not known."),
    "import.header-missing": gettext_lazy("The first row lacks a heading."),
    "import.no-file": gettext_lazy("Please choose a file."),
}


def sheet_of(request: HttpRequest) -> bytes:
    """The file, or what the preview carried along of it."""
    form = SheetForm(request.POST, request.FILES)
    if form.is_valid():
        content: bytes = form.cleaned_data["file"].read()
        return content
    try:
        packed = b64decode(request.POST.get("sheet", ""), validate=True)
        # No more than a sheet may be, whatever a small text claims to unfold to.
        return zlib.decompressobj().decompress(packed, LARGEST + 1)
    except (ValueError, zlib.error) as wrong:
        raise ImportRefused("import.no-file") from wrong


def packed(raw: bytes) -> str:
    """*raw* as a field of the form; empty where it is too large for one."""
    text = b64encode(zlib.compress(raw, 9)).decode()
    return text if len(text) < _CARRIED else ""


def digest_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise BatchChanged("not the digest of a preview") from wrong


def counted(counts: dict[str, int]) -> list[tuple[Any, str, int]]:
    return [(FATES[fate], TONES[fate], number) for fate, number in counts.items()]
