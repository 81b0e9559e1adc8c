"""Codes in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

_SEEN: Mapping[str, Any] = {
    "position": _("Exact position"),
    "place": _("As far as the neighbourhood"),
    "times": _("Times only"),
}
_ACTIONS: Mapping[str, Any] = {
    "people.number": _("Employee number"),
    "people.search": _("Name and department"),
    "file": _("A picture or a paper"),
    "files": _("List of papers and photos"),
    "office-records": _("Position of a touch, compared with office traces"),
    "objections": _("An objection of yours"),
    "access-review": _("What you looked at, in numbers"),
}
_PURPOSES: Mapping[str, Any] = {
    "settlement": _("Settling travel expenses"),
    "audit": _("Audit"),
    "people": _("Keeping the list of people"),
    "approval": _("Approving the trip"),
    "regular-audit": _("Regular audit"),
    "special-audit": _("Special audit"),
    "complaint": _("Complaint"),
    "records": _("Records"),
}

FATES: Mapping[str, Any] = {
    "new": _("New"),
    "changed": _("Changed"),
    "same": _("Same"),
    "ended": _("Ended"),
    "refused": _("Refused"),
}
TONES = {"new": "ok", "changed": "brand", "same": "", "ended": "warn", "refused": "bad"}

WHY: Mapping[str, Any] = {
    "import.too-large": _("The file is larger than 5 MiB."),
    "import.encoding": _("The file is neither UTF-8 nor CP949 text."),
    "import.csv": _("The file is not CSV: a quotation mark is not closed."),
    "import.workbook": _("The Excel file cannot be opened."),
    "import.locked": _("The Excel file is locked with a password."),
    "import.formula": _("A cell holds a formula. Please put its value there."),
    "import.header-twice": _("A column stands twice."),
    "import.header-unknown": _("There is a column this list does not know."),
    "import.header-missing": _("A needed column is missing. The columns are named below."),
    "import.too-many-rows": _("More than 20,000 rows. Please split the file."),
    "import.empty": _("There is no row below the headers."),
    "people.cells": _("The row has more cells than there are headers."),
    "people.number-missing": _("The employee number is missing."),
    "people.number-unreadable": _("The employee number cannot be read."),
    "people.number-twice": _("This employee number stands twice in the file."),
    "people.name-missing": _("The name is missing."),
    "people.name-unreadable": _("The name cannot be read."),
    "people.department-missing": _("The department is missing."),
    "people.department-unreadable": _("The department cannot be read."),
    "people.workplace-missing": _("The workplace is missing."),
    "people.workplace-unreadable": _("The workplace cannot be read."),
    "people.grade": _("The travel grade is 1 or 2."),
    "people.place-unknown": _("There is no place of this name."),
    "people.role-unknown": _("There is no such role."),
    "people.date": _("A day is written like 2026-11-23."),
    "people.dates-crossed": _("The last day lies before the first."),
    "people.ended-before": _("The last day has passed, and nobody carries this number."),
    "people.own-role": _("Nobody changes their own roles."),
    "person.duties-clash": _("The finance clerk cannot be the auditor as well."),
}


def seen_words(action: str, depth: str) -> Any:
    """What of a person was seen."""
    return _ACTIONS.get(action) or _SEEN.get(depth, depth)


def purpose_words(purpose: str) -> Any:
    return _PURPOSES.get(purpose, purpose)


def why(code: str) -> Any:
    return WHY.get(code, code)
