"""The KeySet is signed by the root and shown: every public key there is, for everybody."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction

from ledger.keys import Made
from ledger.models import Published
from ledger.publishing import locked, publish
from vault.keyring import providers
from vault.keyring.book import Book, root_signer
from vault.keyring.file import replace_key


@transaction.atomic
def publish_keys(*, root: Path, now: datetime) -> Made:
    """How the log will know it. *root* holds the private half, brought from where it lies.

    A copy is left beside the keys, for desks without a line and for whoever wants to look.
    """
    sign = partial(_signed, root, int(now.timestamp()))
    row = publish(locked(Published.Kind.KEYSET), sign=sign, at=now)
    replace_key(providers.folder() / "keyset.cbor", bytes(row.document))
    return Made("keyset", bytes(row.sha256))


def _signed(root: Path, at: int, seq: int) -> bytes:
    return Book.read().keyset(root_signer(root), seq=seq, at=at)
