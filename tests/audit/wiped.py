"""A database in a file, before and after an erasure, read as a thief of the disk reads it.

    python -m tests.audit.wiped        prints what was found where, as JSON

It has a database, keys and a log of its own in ``TRIPSEAL_DATA``.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- the rows need their settings first
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from accounts.models import Department, Organisation, Person, Place  # noqa: E402
from attest.errors import KeyGone  # noqa: E402
from audit.retaining import run  # noqa: E402
from ledger.models import Opening  # noqa: E402
from ledger.services.sequence import sequence  # noqa: E402
from tests.attack.test_places_stay_sealed import spellings  # noqa: E402
from tests.audit.lives import sealed_of  # noqa: E402
from tests.audit.office import renew, taken  # noqa: E402
from tests.clock import stopped  # noqa: E402
from tests.conftest import HALL, NOON, SITE, enrolled, place  # noqa: E402
from tests.settlement.desk import EVENING, batch_of, confirmed, pay  # noqa: E402
from trips.models import Trip  # noqa: E402
from vault.sealed import KeyName, unseal_opening  # noqa: E402

# Shorter ones stand in any large file by chance.
LEAST = 7


def lived() -> tuple[Trip, Person]:
    hall = Organisation.objects.create(name="시험시청", rule_set="kr-changwon")
    office = Department.objects.create(organisation=hall, name="안전총괄과")
    home: Place = place(hall, "시험시청 본관", HALL)
    ada, bora, felix, iris = (
        enrolled(name, hall, office, home) for name in ("ada", "bora", "felix", "iris")
    )
    trip = confirmed(ada, bora, place(hall, "시험구청", SITE))
    pay(felix, batch_of(felix, trip))
    renew(iris)
    return Trip.objects.get(pk=trip.pk), iris


def ciphers(trip: Trip) -> dict[str, bytes]:
    """What lies sealed of the trip's positions: each box, each opening, each wrapped key."""
    found = {f"{box.table}.{box.field} {box.row}": box.content for box in sealed_of(trip)}
    for row in Opening.objects.filter(group="loc"):
        found[f"opening {bytes(row.leaf_hash).hex()}"] = bytes(row.sealed)
    for key in Path(settings.SHRED_STORE).glob(f"{trip.traveller.ref}/*.loc"):
        found[f"key {key.name}"] = key.read_bytes()
    return found


def opened() -> bytes:
    """Everything that opens with the keys there are."""
    parts = [box.open() for trip in Trip.objects.all() for box in sealed_of(trip)]
    for row in Opening.objects.all():
        key = KeyName.read(row.dek)
        try:
            hashed = bytes(row.leaf_hash)
            plain = unseal_opening(bytes(row.nonce), bytes(row.sealed), key=key, leaf_hash=hashed)
        except KeyGone:
            continue
        parts.append(plain)
    return b"\0".join(parts)


def files() -> dict[str, bytes]:
    """Every file of the installation but its keys, with a backup made now."""
    backup = Path(settings.DATA_FOLDER) / "backup.sqlite3"
    with sqlite3.connect(backup) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    copy.close()
    found = {
        str(file.relative_to(settings.DATA_FOLDER)): file.read_bytes()
        for file in Path(settings.DATA_FOLDER).rglob("*")
        if file.is_file() and "keys" not in file.parts
    }
    backup.unlink()
    return found


def pieces(content: bytes) -> list[bytes]:
    """A long value lies scattered over pages: it is looked for in pieces."""
    body = content[-(len(content) - 40) :] if len(content) > 100 else content
    return [body[at : at + 24] for at in range(0, max(1, len(body) - 24), 24)]


def hits(secrets: dict[str, bytes], places: dict[str, bytes]) -> list[str]:
    return sorted(
        f"{name} in {where}"
        for name, secret in secrets.items()
        for where, content in places.items()
        if any(piece in content for piece in pieces(secret))
    )


def spelled(points: list[int], places: dict[str, bytes]) -> list[str]:
    known = [
        (f"{point} {how}", spelling)
        for point in points
        for how, spelling in spellings(point).items()
        if len(spelling) >= LEAST
    ]
    return sorted(
        f"{what} in {where}"
        for what, spelling in known
        for where, content in places.items()
        if spelling in content
    )


def points_of(trip: Trip) -> list[int]:
    boxes = [touch.box("record") for touch in trip.check_ins.all()]
    records = [json.loads(box.open()) for box in boxes if box]
    return [fix[name] for one in records for fix in one["fixes"] for name in ("lat_e7", "lon_e7")]


def main() -> None:
    setup_test_environment()
    Path(settings.STATIC_ROOT).mkdir()
    call_command("migrate", verbosity=0)
    with stopped(NOON - timedelta(days=40)) as clock:
        call_command("keys", "create", stdout=io.StringIO())
        clock.at = EVENING
        trip, iris = lived()
        sequence(now=clock())
        secrets, points = ciphers(trip), points_of(trip)
        said: dict[str, Any] = {
            "secrets": len(secrets),
            "points": len(points),
            "before": hits(secrets, files()),
            "opened_before": spelled(points, {"opened": opened()}),
        }
        run(now=clock.later(days=60))
        sequence(now=clock.later(minutes=1))
        connections.close_all()
        everything = files() | {"opened": opened(), "bundle": taken(iris, form="zip")}
        said |= {
            "places": sorted(everything),
            "after": hits(secrets, everything),
            "spelled_after": spelled(points, everything),
        }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
