"""Trips, where they lead, and who goes along.

The allowed moves stand in one table, ``MOVES``; every verb in ``trips/services/`` asks it.
"""

from __future__ import annotations

from secrets import token_hex
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, Organisation, Person, Place
from attest.errors import MoveRefused
from attest.values import month_of
from ledger.outbox import TripLine
from vault.ids import uuid7
from vault.sealed import Box, KeyName, seal


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REQUESTED = "requested", _("Awaiting approval")
    APPROVED = "approved", _("Ready to go")
    TRAVELLING = "travelling", _("Travelling")
    RETURNED = "returned", pgettext_lazy("trip", "Back")
    CONFIRMED = "confirmed", _("Approved")
    SETTLED = "settled", _("Settled")
    CANCELLED = "cancelled", _("Cancelled")
    VOIDED = "voided", _("Voided")


# Every move there is: verb → the states it may start from → the state it leads to.
# A check-in and its withdrawal name their state themselves (it follows from the touches).
MOVES: dict[str, dict[str, str]] = {
    "request": {State.DRAFT: State.REQUESTED},
    "order": {State.REQUESTED: State.APPROVED},
    "return_request": {State.REQUESTED: State.DRAFT},
    "arrive": {
        State.DRAFT: State.TRAVELLING,
        State.REQUESTED: State.TRAVELLING,
        State.APPROVED: State.TRAVELLING,
        State.TRAVELLING: State.TRAVELLING,
        State.RETURNED: State.RETURNED,
        State.CONFIRMED: State.CONFIRMED,
    },
    "return": {
        State.DRAFT: State.RETURNED,
        State.REQUESTED: State.RETURNED,
        State.APPROVED: State.RETURNED,
        State.TRAVELLING: State.RETURNED,
        State.RETURNED: State.RETURNED,
        State.CONFIRMED: State.CONFIRMED,
    },
    "confirm": {
        State.APPROVED: State.CONFIRMED,
        State.TRAVELLING: State.CONFIRMED,
        State.RETURNED: State.CONFIRMED,
    },
    "take_back": {State.APPROVED: State.REQUESTED, State.CONFIRMED: State.RETURNED},
    "send_back": {State.CONFIRMED: State.RETURNED},
    "settle": {State.CONFIRMED: State.SETTLED},
    "unsettle": {State.SETTLED: State.CONFIRMED},
    "cancel": {
        State.DRAFT: State.CANCELLED,
        State.REQUESTED: State.CANCELLED,
        State.APPROVED: State.CANCELLED,
    },
    "void": {
        State.TRAVELLING: State.VOIDED,
        State.RETURNED: State.VOIDED,
        State.CONFIRMED: State.VOIDED,
    },
}


# While the costs of a trip may be told: ordered, and not yet paid.
COSTS_OPEN = frozenset({State.APPROVED, State.TRAVELLING, State.RETURNED, State.CONFIRMED})


class Vehicle(models.TextChoices):
    TRANSIT = "transit", _("Public transport")
    PUBLIC_CAR = "public_car", _("Official car")
    PRIVATE_CAR = "private_car", _("Own car")
    PASSENGER = "passenger", _("Passenger")
    WALK = "walk", _("On foot")


def new_log_id() -> str:
    return "t" + token_hex(16)


class Serial(models.Model):
    """The last trip number given out in a year. Locked for one statement, never counted."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.BigIntegerField(default=0)


class Trip(models.Model):
    class Source(models.TextChoices):
        PRODUCT = "product", _("here")
        SHEET = "sheet", _("sheet")
        STANDING = "standing", _("standing allowance")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    log_id = models.CharField(max_length=33, unique=True, default=new_log_id, editable=False)
    traveller = models.ForeignKey(Person, models.PROTECT, related_name="trips")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    # Empty only while nobody could be found who may decide: a touch is never refused for that.
    approver = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=200)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    # False: only the date and the length are known, as in many a sheet.
    time_known = models.BooleanField(default=True)
    vehicle = models.CharField(max_length=11, choices=Vehicle.choices, default=Vehicle.TRANSIT)
    policy = models.CharField(max_length=20, default="standard")
    order_number = models.CharField(max_length=40, blank=True)
    # While it lies before the approver, or went from there to travelling; none once given back.
    requested_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.PRODUCT)
    registered_at = models.DateTimeField()
    # What the traveller says it cost, in the fields of the claim; none until it was told.
    costs = models.JSONField(null=True, blank=True)
    # Of the row that pays a month's standing sum: its facts, as the claim has them.
    standing = models.JSONField(null=True, blank=True)
    # What two clerks decided it is computed by instead, in the fields of the claim; none: nothing.
    decided = models.JSONField(null=True, blank=True)
    # Hash of its trip-open leaf (n = 0); none until the trip was asked for or touched.
    open_hash = models.BinaryField(max_length=32, null=True)
    # How often it was written over behind that leaf: a draft that was given back says so to no log.
    revision = models.PositiveIntegerField(default=0)
    # When its exact positions were erased last; a touch after that has its own again.
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("traveller")),
                name="nobody_approves_their_own_trip",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="a_trip_ends_after_it_began"
            ),
            models.UniqueConstraint(
                fields=["traveller", "starts_at"],
                condition=Q(source="standing") & ~Q(state__in=["cancelled", "voided"]),
                name="a_month_has_one_standing_sum",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["traveller", "-starts_at"]),
            models.Index(fields=["approver", "state", "starts_at"]),
            models.Index(fields=["state", "starts_at"]),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def month(self) -> str:
        return month_of(self.starts_at)

    @property
    def line(self) -> TripLine:
        """Where its leaves go, and whose keys seal their openings."""
        return TripLine(self.log_id, self.traveller.ref, self.month)

    def key(self, group: str) -> KeyName:
        return KeyName(self.traveller.ref, self.month, group)

    def after(self, move: str) -> str:
        """The state *move* leads to from here, or a refusal."""
        try:
            return MOVES[move][self.state]
        except KeyError as wrong:
            raise MoveRefused(f"this trip is {self.state}: it cannot {move}") from wrong


class TripStop(models.Model):
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="stops")
    sequence = models.PositiveSmallIntegerField()
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=5)
    text = models.CharField(max_length=100)
    point = models.BinaryField(null=True)
    radius_m = models.PositiveIntegerField(default=200)

    class Meta:
        ordering: ClassVar[list[str]] = ["trip_id", "sequence"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["trip", "sequence"], name="stops_stand_in_a_row"),
        ]

    def box(self) -> Box | None:
        if self.point is None:
            return None
        return Box("trips_tripstop", self.uid, "point", bytes(self.point))

    def put_point(self, plain: bytes) -> None:
        self.point = seal(
            plain, key=self.trip.key("loc"), table="trips_tripstop", row=self.uid, field="point"
        )


class Companion(models.Model):
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="companions")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["trip", "person"], name="a_companion_is_named_once"),
        ]


class Distance(models.Model):
    class Method(models.TextChoices):
        WALKING = "walking_route", _("walking route")
        ROAD = "road_route", _("road route")
        PORTAL = "portal_map", _("portal map")
        HIGHWAY = "highway_table", _("highway table")
        STRAIGHT = "straight_line", _("straight line")
        DECLARED = "declared", _("declared")

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="distances")
    origin = models.CharField(max_length=9, db_column="from")  # workplace or start
    one_way_m = models.PositiveIntegerField()
    method = models.CharField(max_length=13, choices=Method.choices)


class FuelPrice(models.Model):
    """What a litre, a kilowatt hour or a kilogram cost on a day, as it was imported. For good."""

    class Fuel(models.TextChoices):
        # The words of the claim (travel-expenses.md §2).
        GASOLINE = "gasoline", _("Petrol")
        DIESEL = "diesel", _("Diesel")
        LPG = "lpg", _("LPG")
        HYBRID = "hybrid", _("Hybrid")
        PLUG_IN_HYBRID = "plug_in_hybrid", _("Plug-in hybrid")
        ELECTRIC = "electric", _("Electric")
        HYDROGEN = "hydrogen", _("Hydrogen")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    day = models.DateField()
    fuel = models.CharField(max_length=14, choices=Fuel.choices)
    won = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "day", "fuel"], name="a_fuel_has_one_price_a_day"
            ),
            models.CheckConstraint(condition=Q(won__gt=0), name="no_fuel_is_for_nothing"),
        ]
