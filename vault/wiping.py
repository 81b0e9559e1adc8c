"""What was erased leaves no bytes in the files of the database, as far as they are ours.

SQLite writes zeros over what is deleted (``secure_delete``); here its file is built anew and
its write-ahead log cut to nothing. PostgreSQL gives the space of dead rows free; its own
write-ahead log and its copies keep what they keep, sealed under a key that is no more.
"""

from __future__ import annotations

from django.db import connection

from attest.errors import WipeWaits


def wipe() -> None:
    """Not inside a transaction. Refused while somebody reads: it is tried again later."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Longer than any page may take.
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM trips_checkin, trips_assessment, trips_tripstop, ledger_opening")
            cursor.execute("RESET statement_timeout")
            return
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _, _ = cursor.fetchone()
    if busy:
        raise WipeWaits("somebody is reading: the write-ahead log is not cut yet")
