"""A sheet that is looked at and comes back with the yes: nothing of it is kept in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Protocol

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.http import require_http_methods

from accounts.models import Person
from accounts.previews import digest_in, packed, unpacked
from attest.errors import ImportRefused
from trips.caller import administrator_of
from trips.web.forms import SheetForm

# A preview lists so many rows; the counts are of all.
SHOWN = 200
# A larger sheet does not fit into a form's field: its file is chosen once more.
_CARRIED = 200_000
_WRITES = ("new", "changed")
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


class Previewed(Protocol):
    """What a sheet would do."""

    @property
    def steps(self) -> Sequence[Any]: ...
    @property
    def digest(self) -> bytes: ...
    def counts(self) -> dict[str, int]: ...


@method_decorator([require_http_methods(["GET", "POST"]), login_required], name="dispatch")
class SheetView(View):
    """First the fate of every row; the same sheet comes back with the yes, nothing is kept.

    A page says what it reads, what that would do, and how to do it.
    """

    template: ClassVar[str]
    here: ClassVar[str]
    columns: ClassVar[Iterable[str]]
    refused: ClassVar[Mapping[str, Any]] = REFUSED

    def planned(self, raw: bytes) -> Previewed:
        raise NotImplementedError

    def applied(self, raw: bytes, digest: bytes) -> str:
        """What was done, in words."""
        raise NotImplementedError

    def row(self, step: Any) -> tuple[Any, ...]:
        """A step as its row shows it."""
        raise NotImplementedError

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def caller(self) -> Person:
        return administrator_of(self.request, at=self.now)

    def get(self, request: HttpRequest) -> HttpResponse:
        del request
        _ = self.caller  # nobody else sees the page
        return self._page({})

    def post(self, request: HttpRequest) -> HttpResponse:
        _ = self.caller  # nobody else has a sheet looked into
        try:
            raw = sheet_of(request)
            if "digest" not in request.POST:
                return self._page(self._preview(self.planned(raw), raw))
            done = self.applied(raw, digest_in(request.POST["digest"]))
        except ImportRefused as refused:
            code = str(refused)
            return self._page({"code": code, "why": self.refused.get(code, code)}, status=400)
        messages.success(request, done)
        return redirect(self.here)

    def _preview(self, plan: Previewed, raw: bytes) -> dict[str, Any]:
        counts = plan.counts()
        return {
            "rows": [self.row(step) for step in plan.steps[:SHOWN]],
            "counts": [(FATES[fate], TONES[fate], number) for fate, number in counts.items()],
            "hidden": max(0, len(plan.steps) - SHOWN),
            "digest": plan.digest.hex(),
            "sheet": carried(raw),
            "writes": sum(counts.get(fate, 0) for fate in _WRITES),
        }

    def _page(self, said: dict[str, Any], *, status: int = 200) -> HttpResponse:
        context = {"columns": list(self.columns), **said}
        return render(self.request, self.template, context, status=status)


def sheet_of(request: HttpRequest) -> bytes:
    """The file, or what the preview carried along of it."""
    form = SheetForm(request.POST, request.FILES)
    if form.is_valid():
        content: bytes = form.cleaned_data["file"].read()
        return content
    return unpacked(request.POST.get("sheet", ""))


def carried(raw: bytes) -> str:
    """*raw* as a field of the form; empty where it is too large for one."""
    text = packed(raw)
    return text if len(text) < _CARRIED else ""
