"""Travel expenses (여비): facts in, explained lines out. It advises; a person settles.

The rule sets under ``sets/`` are package data. This package opens no file: whoever
computes hands the texts to ``read_sets``.
"""

from __future__ import annotations

from .batch import Batch
from .batch_facts import batch_from, read_batch
from .claim import Claim
from .compute import compute
from .document import BYTES_LIMIT
from .facts import CONTRACT, Reading, Refused, claim_from, read_claims
from .finding import Finding
from .findings import find, findings_as_dict
from .result import Result, part_of
from .rules import RuleSets, canonical, read_sets
from .untold import untold

__all__ = [
    "BYTES_LIMIT",
    "CONTRACT",
    "Batch",
    "Claim",
    "Finding",
    "Reading",
    "Refused",
    "Result",
    "RuleSets",
    "batch_from",
    "canonical",
    "claim_from",
    "compute",
    "find",
    "findings_as_dict",
    "part_of",
    "read_batch",
    "read_claims",
    "read_sets",
    "untold",
]
