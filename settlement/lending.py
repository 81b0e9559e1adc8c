"""Opening keys on loan to desks: which office lends, for how long, and what is signed for it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from accounts.models import Organisation

LIFE = timedelta(hours=72)

# Deeds that need a fresh passkey signature.
LEASE = "desk-lease"
CHOICE = "desk-lending"

# What an administrator chose; an office that never chose keeps its keys.
LEND, KEEP = "lend", "keep"


def lease_hash(desk: bytes) -> bytes:
    """What a clerk signs: the key of this very desk."""
    return sha256(b"tripseal/desk-lease/1\0" + desk).digest()


def choice_hash(organisation: Organisation, choice: str) -> bytes:
    return sha256(f"tripseal/desk-lending/1\0{organisation.uid}\0{choice}".encode()).digest()


def lends(organisation: Organisation) -> bool:
    return bool(organisation.settings.get("desk_keys") == LEND)
