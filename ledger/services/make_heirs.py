"""Where the signer is apart: whoever keeps it makes the heirs of its two keys, and nobody else."""

from __future__ import annotations

from vault.keyring import heirs


def make_heirs() -> bool:
    """Whether any was made: those of a rotation that was begun stay."""
    with heirs.editing():
        return heirs.make()
