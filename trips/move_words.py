"""Why a move is refused, where its reader can do something about it: in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from attest.errors import MoveRefused

MOVES: Mapping[str, Any] = {
    "standing.counted-anew": _("This sum was counted anew meanwhile. Please look at it once more."),
    "standing.months-crossed": _("The last month lies before the first."),
    "standing.months-taken": _("One of these months has a standing allowance already."),
    "standing.ends-outside": _("A standing allowance ends within its own months."),
    "settlement.void": _("This settlement was taken back already."),
    "settlement.other-month": _(
        "This settlement stands on another month's statement since. Please look at it again."
    ),
    "settlement.on-the-way": _(
        "Its money is on the way. It can be taken back once the bank has answered."
    ),
    "settlement.counted": _(
        "The standing allowance that was paid counts this day. Take that back first."
    ),
}


def of_move(refused: MoveRefused) -> dict[str, str]:
    """Its code and its sentence; nothing where only the general one fits."""
    if not refused.why:
        return {}
    return {"code": refused.why, "detail": str(MOVES[refused.why])}
