"""A text as a cell that no spreadsheet computes (security: exports)."""

from __future__ import annotations

from unicodedata import category

# Spaces, control and format (zero-width) characters may stand before what a spreadsheet obeys.
_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}
_OBEYED = frozenset("=+-@|%＝＋－＠")
_BREAKS = frozenset("\t\r\n")


def safe(text: str) -> str:
    """*text* with a leading apostrophe where a spreadsheet could take it for a formula."""
    start = next((n for n, one in enumerate(text) if category(one) not in _UNSEEN), len(text))
    obeyed = text[start : start + 1] in _OBEYED or not _BREAKS.isdisjoint(text[:start])
    return f"'{text}" if obeyed else text
