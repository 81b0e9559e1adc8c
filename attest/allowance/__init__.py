"""Travel expenses (여비): facts in, explained lines out. It advises; a person settles.

The rule sets under ``sets/`` are package data. This package opens no file: whoever
computes hands the texts to ``read_sets``.
"""

from __future__ import annotations

from .claim import Claim
from .compute import Result, compute
from .facts import CONTRACT, Reading, Refused, claim_from, read_claims
from .rules import RuleSets, canonical, read_sets

__all__ = [
    "CONTRACT",
    "Claim",
    "Reading",
    "Refused",
    "Result",
    "RuleSets",
    "canonical",
    "claim_from",
    "compute",
    "read_claims",
    "read_sets",
]
