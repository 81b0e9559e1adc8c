"""The two keys of a batch of tags are made, by the explicit deed of an operator."""

from __future__ import annotations

import re
from pathlib import Path
from secrets import token_bytes

from django.core.exceptions import ImproperlyConfigured

from ledger.keys import Made
from vault import keyring
from vault.keyring.book import expect_both
from vault.keyring.file import write_key

_BATCH = re.compile(r"[a-z0-9]{1,16}")


def create_tag_keys(batch: str, *, folder: Path) -> list[Made]:
    """16 bytes each, for the tool that writes tags. Those of a batch are never replaced."""
    if not _BATCH.fullmatch(batch):
        raise ImproperlyConfigured("a batch is named in up to 16 small letters and digits")
    expect_both()
    names = [f"nfc-meta-{batch}", f"nfc-file-{batch}"]
    if any((folder / f"{name}.key").exists() for name in names):
        raise ImproperlyConfigured(f"there are keys of the batch {batch} already")
    for name in names:
        write_key(folder / f"{name}.key", token_bytes(16))
    keyring.forget()
    return [Made(name) for name in names]
