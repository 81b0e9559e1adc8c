"""What a touch shows: facts in, an assessment with its reasons out (evidence.md §3–4).

    text → read_facts ┐
    dict → facts_from ┴→ Facts ┐
    text → read_weights → Weights ┴→ assess → Assessment

Nothing here reads a clock, a file or a network, and no number of the weights file is
repeated in code: the same facts and the same weights give the same bytes.
"""

from __future__ import annotations

from .assess import Ask, Assessment, assess
from .facts import BYTES_LIMIT, Facts, facts_from, read_facts
from .reasons import Reason
from .weights import Weights, read_weights

__all__ = [
    "BYTES_LIMIT",
    "Ask",
    "Assessment",
    "Facts",
    "Reason",
    "Weights",
    "assess",
    "facts_from",
    "read_facts",
    "read_weights",
]
