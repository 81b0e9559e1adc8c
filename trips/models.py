"""Trips, where they lead, and the touches that show them.

The allowed moves stand in one table, ``MOVES``; every verb in ``trips/services/`` asks it.
"""

from __future__ import annotations

from secrets import token_bytes, token_hex
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, Device, Person, Place
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
    # Hash of its trip-open leaf (n = 0); none until the trip was asked for or touched.
    open_hash = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("traveller")),
                name="nobody_approves_their_own_trip",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="a_trip_ends_after_it_began"
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


def new_nonce() -> bytes:
    return token_bytes(32)


class Challenge(models.Model):
    """32 random bytes that a touch must sign: bound to person, device and trip, used once."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    nonce = models.BinaryField(max_length=32, unique=True, default=new_nonce)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    trip = models.ForeignKey(Trip, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField()
    life_s = models.PositiveIntegerField()
    used_at = models.DateTimeField(null=True, blank=True)


class Kind(models.TextChoices):
    ARRIVE = "arrive", _("arrival")
    STOP = "stop", _("stop")
    RETURN = "return", _("return")


class Verdict(models.TextChoices):
    SUFFICIENT = "SUFFICIENT", _("Enough evidence")
    SUPPLEMENT = "SUPPLEMENT", _("One more item")
    REVIEW = "REVIEW", _("Needs review")
    INVALID = "INVALID", _("Not usable as evidence")


class CheckIn(models.Model):
    """One touch. What it says about a position lies sealed; it can only be withdrawn."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    client_id = models.UUIDField(unique=True)
    fingerprint = models.BinaryField(max_length=32)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="check_ins")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    recorded_at = models.DateTimeField(db_index=True)
    device_at_ms = models.BigIntegerField()
    offset_ms = models.BigIntegerField()
    signer = models.CharField(max_length=10)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    record = models.BinaryField()
    best_fix = models.BinaryField(null=True)
    accuracy_m = models.PositiveIntegerField(null=True, blank=True)
    place_words = models.CharField(max_length=80, blank=True)
    place_source = models.CharField(max_length=40, blank=True)
    planned_m = models.PositiveIntegerField(null=True, blank=True)
    cti = models.BinaryField(max_length=8, unique=True)
    spoken = models.CharField(max_length=12, unique=True)
    token = models.BinaryField()
    token_hash = models.BinaryField(max_length=32)
    # Keyed marks: equal for equal bursts and points, and say nothing without the key.
    burst = models.BinaryField(max_length=32, null=True, db_index=True)
    burst_shape = models.BinaryField(max_length=32, null=True, db_index=True)
    point_mark = models.BinaryField(max_length=32, null=True, db_index=True)
    leaf_n = models.IntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["recorded_at", "pk"]

    def box(self, name: str) -> Box | None:
        """Its sealed *name*: ``record``, ``best_fix`` or ``token``."""
        content = getattr(self, name)
        return None if content is None else Box("trips_checkin", self.uid, name, bytes(content))


class TripToken(models.Model):
    """One receipt for a whole trip: a snapshot of the touches that stood. The newest counts."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="tokens")
    sealed_at = models.DateTimeField()
    kid = models.CharField(max_length=4)
    count = models.PositiveSmallIntegerField()
    digest = models.BinaryField(max_length=32)
    cti = models.BinaryField(max_length=8, unique=True)
    spoken = models.CharField(max_length=12, unique=True)
    token = models.BinaryField()
    token_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def box(self, name: str) -> Box:
        return Box("trips_triptoken", self.uid, name, bytes(getattr(self, name)))


class Assessment(models.Model):
    """What a touch showed, and by which weights. Append-only; the newest counts."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="assessments")
    facts = models.BinaryField()
    weights_version = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    support = models.PositiveSmallIntegerField()
    concern = models.PositiveSmallIntegerField()
    reasons = models.JSONField()
    missing = models.JSONField()
    missing_mode = models.CharField(max_length=4, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def box(self) -> Box:
        return Box("trips_assessment", self.uid, "facts", bytes(self.facts))


class Item(models.Model):
    """One more thing that supports a touch: a statement in words, or a code of its place."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", _("statement")
        SITE_CODE = "site-code", _("site code")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="items")
    check_in = models.ForeignKey(CheckIn, models.PROTECT, null=True, related_name="items")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    content = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    def box(self) -> Box:
        return Box("trips_item", self.uid, "content", bytes(self.content))


class Correction(models.Model):
    """What the traveller says should have stood there. The original stays beside it."""

    class What(models.TextChoices):
        RETURN = "return", _("I could not press on return")
        ARRIVE = "arrive", _("I could not press on arrival")
        TIME = "time", _("The time")
        PLACE = "place", _("The destination changed")
        VEHICLE = "vehicle", _("The vehicle")
        MISTAKE = "mistake", _("Pressed by mistake")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("correction", "open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="corrections")
    what = models.CharField(max_length=8, choices=What.choices)
    value = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    @property
    def shown_value(self) -> str:
        """The value in words; a vehicle is kept as its code."""
        known = self.what == self.What.VEHICLE and self.value in Vehicle.values
        return str(Vehicle(self.value).label) if known else self.value


class Decision(models.Model):
    """What an approver said at one step of a trip: order it (1), or confirm it for payment (2)."""

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="decisions")
    step = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=7)  # approve, return
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()


class Site(models.Model):
    """A screen, a printed code or tags at a place. Its tokens are kept as hashes alone."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="sites")
    name = models.CharField(max_length=60)
    # None: no screen may fetch the code, and no paper of it counts.
    display_digest = models.BinaryField(max_length=32, null=True)
    printed_digest = models.BinaryField(max_length=32, null=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "name"], name="a_site_is_named_once"),
        ]

    @property
    def words(self) -> str:
        return f"{self.place.name} · {self.name}"


class NfcTag(models.Model):
    """A tag on the wall. Its counter only rises: a lower one was heard before."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="tags")
    batch = models.CharField(max_length=16)
    chip = models.BinaryField()
    chip_index = models.BinaryField(max_length=32, unique=True)
    counter = models.PositiveIntegerField(default=0)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def box(self) -> Box:
        return Box("trips_nfctag", self.uid, "chip", bytes(self.chip))


class SiteTry(models.Model):
    """Wrong codes for one touch: five, then a rest."""

    check_in = models.OneToOneField(CheckIn, models.PROTECT, related_name="site_try")
    wrong = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)


class HostAsk(models.Model):
    """A person at the place is asked whether the traveller is there. One ask, one answer."""

    class Way(models.TextChoices):
        SHOWN = "shown", _("shown on the phone")
        LINK = "link", _("sent as a link")
        COLLEAGUE = "colleague", _("on a colleague's page")

    class Relation(models.TextChoices):
        OTHER_ORGANISATION = "other_organisation", _("another organisation")
        GUEST_LINK = "guest_link", _("without an account")
        TEAMMATE = "teammate", _("colleague")

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        DENIED = "denied", _("denied")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="host_asks")
    way = models.CharField(max_length=9, choices=Way.choices)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Of a mark in the browser that asked: who answers from there answers themself.
    asked_from = models.BinaryField(max_length=32, null=True)
    domain = models.CharField(max_length=100, blank=True)
    relation = models.CharField(max_length=18, choices=Relation.choices, blank=True)
    answer = models.CharField(max_length=9, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    # Who they said they are; and equal for equal hosts, keyed, so that many can be counted.
    words = models.BinaryField(null=True)
    mark = models.BinaryField(max_length=32, null=True, db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, relation="")
                | (~Q(answer="") & Q(answered_at__isnull=False) & ~Q(relation="")),
                name="an_answer_has_its_time_and_its_giver",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["check_in", "answered_at"])]

    def box(self) -> Box | None:
        if self.words is None:
            return None
        return Box("trips_hostask", self.uid, "words", bytes(self.words))
