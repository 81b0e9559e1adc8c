"""The database of a test, lent to a process of its own; what that wrote is here afterwards."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection


@contextmanager
def lent(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a process that works in *folder*, with the keys of this run."""
    plain = {name: value for name, value in os.environ.items() if "TRIPSEAL" not in name}
    told = plain | {"TRIPSEAL_DATA": str(folder), "TRIPSEAL_KEYS": str(settings.KEY_FOLDER)}
    if connection.vendor == "postgresql":
        here = connection.settings_dict
        where = f"{here['USER']}@{here['HOST']}:{here['PORT']}/{here['NAME']}"
        yield told | {"TRIPSEAL_DATABASE_URL": f"postgres://{where}"}
        return
    with sqlite3.connect(folder / "db.sqlite3") as file:
        connection.connection.backup(file)
        yield told
        file.backup(connection.connection)
    file.close()
