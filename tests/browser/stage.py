"""The stage hand: people and trips, made by the product's own services in the server's database.

A process of its own beside the server, with the server's settings. It hears one JSON
line a deed, ``{"deed": "person", "with": {…}}``, and answers with one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from traceback import format_exc
from typing import Any

from accounts.models import Department, Organisation, Place
from attest.values import Point
from tests.browser.corners import corners
from tests.browser.desk import (
    brought_in,
    for_two,
    held,
    laid,
    leases,
    leaves,
    lending,
    matrix,
    old_status,
    paid,
    receipt,
    rows,
    stray,
    touches,
    verifications,
)
from tests.browser.people import (
    SITE,
    confirmed,
    consent,
    papers,
    passkey,
    person,
    session,
    travelled,
    trip,
)
from tests.browser.spots import (
    beside,
    day_ask,
    exports,
    old_ask,
    reasons,
    screen,
    site_code,
    tag,
    touched_with,
    trust_file,
)

HALL = Point(352_280_210, 1_286_811_340)


def serve() -> None:
    """Answer deeds until the other side closes the pipe."""
    _hall()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"done": DEEDS[asked["deed"]](**asked["with"])}
        except Exception:  # noqa: BLE001 -- told to the test, which fails with it
            answer = {"failed": format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _hall() -> None:
    hall = Organisation.objects.create(name="Sample City Hall", rule_set="kr-changwon")
    Department.objects.create(organisation=hall, name="Safety")
    _place(hall, "City Hall", HALL, "Yongho-dong")
    _place(hall, "District Office", SITE, "Sinwol-dong")
    # The one place with screens and tags: what it offers is asked for nowhere else.
    _place(hall, "Annex", SITE, "Sinwol-dong")


def _place(hall: Organisation, name: str, point: Point, town: str) -> None:
    place = Place(organisation=hall, name=name, unit="48120", town=town, radius_m=250)
    place.put_point(point.packed())
    place.save()


DEEDS: dict[str, Callable[..., Any]] = {
    "corners": corners,
    "person": person,
    "session": session,
    "consent": consent,
    "passkey": passkey,
    "trip": trip,
    "exports": exports,
    "papers": papers,
    "travelled": travelled,
    "confirmed": confirmed,
    "laid": laid,
    "paid": paid,
    "held": held,
    "for_two": for_two,
    "brought_in": brought_in,
    "rows": rows,
    "touches": touches,
    "receipt": receipt,
    "lending": lending,
    "stray": stray,
    "old_status": old_status,
    "verifications": verifications,
    "leases": leases,
    "matrix": matrix,
    "leaves": leaves,
    "screen": screen,
    "site_code": site_code,
    "tag": tag,
    "old_ask": old_ask,
    "day_ask": day_ask,
    "beside": beside,
    "reasons": reasons,
    "touched_with": touched_with,
    "trust_file": trust_file,
}
