"""Trips, where they lead, and the touches that show them.

The allowed moves stand in one table, ``MOVES``; every verb in ``trips/services/`` asks it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from secrets import token_bytes, token_hex
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, Device, Organisation, Person, Place
from attest.errors import MoveRefused
from attest.values import KST, month_of
from ledger.outbox import TripLine
from vault.ids import uuid7
from vault.sealed import Box, KeyName, seal
from vault.sealed.files import FileBox


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
    # Hash of its trip-open leaf (n = 0); none until the trip was asked for or touched.
    open_hash = models.BinaryField(max_length=32, null=True)
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
    # For a touch without a line; else it is live and answered at once.
    held = models.BooleanField(default=False)
    # Of the browser that keeps it: another one of theirs must not sign the same.
    browser = models.BinaryField(max_length=32, null=True)
    used_at = models.DateTimeField(null=True, blank=True)

    @property
    def ends_at(self) -> datetime:
        return self.issued_at + timedelta(seconds=self.life_s)


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
    # Of a touch without a line: not made before *earliest_at*, and believed made at *claimed_at*.
    earliest_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    signer = models.CharField(max_length=10)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    # Record, position and token are empty once they were erased.
    record = models.BinaryField(null=True)
    best_fix = models.BinaryField(null=True)
    accuracy_m = models.PositiveIntegerField(null=True, blank=True)
    place_words = models.CharField(max_length=80, blank=True)
    place_source = models.CharField(max_length=40, blank=True)
    planned_m = models.PositiveIntegerField(null=True, blank=True)
    cti = models.BinaryField(max_length=8, unique=True)
    spoken = models.CharField(max_length=12, unique=True)
    token = models.BinaryField(null=True)
    token_hash = models.BinaryField(max_length=32)
    # The phone sent a position that nobody had agreed to, and it was not kept.
    left_out = models.BooleanField(default=False)
    # Keyed marks: equal for equal bursts and points, and say nothing without the key.
    burst = models.BinaryField(max_length=32, null=True, db_index=True)
    burst_shape = models.BinaryField(max_length=32, null=True, db_index=True)
    point_mark = models.BinaryField(max_length=32, null=True, db_index=True)
    browser_mark = models.BinaryField(max_length=32, null=True, db_index=True)
    # The square metre of its best point: whose neighbours were there too.
    near_mark = models.BinaryField(max_length=32, null=True, db_index=True)
    leaf_n = models.IntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    # The leaf that names its token: its own one, or a later one that says the token was renewed.
    token_leaf = models.BinaryField(max_length=32)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["recorded_at", "pk"]

    @property
    def made_at(self) -> datetime:
        """When it was made, as far as can be told; what stands on record is ``recorded_at``."""
        return self.claimed_at or self.recorded_at

    @property
    def is_offline(self) -> bool:
        return self.earliest_at is not None

    @property
    def time_known(self) -> bool:
        """Whether more is known of its time than two bounds."""
        return self.earliest_at is None or self.claimed_at is not None

    @property
    def erased(self) -> bool:
        """Its exact position, record and receipt are gone; place in words and verdict stay."""
        return self.token is None

    def box(self, name: str) -> Box | None:
        """Its sealed *name*: ``record``, ``best_fix`` or ``token``; none once erased."""
        content = getattr(self, name)
        return None if content is None else Box("trips_checkin", self.uid, name, bytes(content))


class Renewed(models.Model):
    """A token of a touch that another one took the place of: the key that signed it had leaked.

    Its number still leads to the touch, for whoever holds the old sheet.
    """

    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="renewed")
    at = models.DateTimeField()
    cti = models.BinaryField(max_length=8, unique=True)
    spoken = models.CharField(max_length=12, unique=True)
    token_hash = models.BinaryField(max_length=32)


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
    facts = models.BinaryField(null=True)
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

    def box(self) -> Box | None:
        """What it was weighed by; none once erased."""
        if self.facts is None:
            return None
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
    # Whose decision it was, where *by* decided as a delegate.
    instead_of = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()


class WeightSet(models.Model):
    """A version of the weights made here. Released by somebody else, it judges from *since* on."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.CharField(max_length=20, unique=True)
    text = models.TextField()
    digest = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("made_by")),
                name="nobody_releases_their_own_weights",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None, since=None)
                | Q(released_by__isnull=False, since__isnull=False),
                name="released_weights_begin_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.version


class Appeal(models.Model):
    """The traveller disagrees with a verdict or a hold. Both texts stay; a third person answers."""

    class About(models.TextChoices):
        VERDICT = "verdict", _("What the evidence was judged to be")
        HOLD = "hold", _("That the payment is held")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "open")
        UPHELD = "upheld", pgettext_lazy("appeal", "upheld")
        DECLINED = "declined", pgettext_lazy("appeal", "declined")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="appeals")
    about = models.CharField(max_length=7, choices=About.choices)
    text = models.CharField(max_length=2_000)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_on = models.DateField()
    # Empty while nobody could be found: then whoever may hear it finds it in their list.
    officer = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=2_000, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["trip"], condition=Q(state="open"), name="one_appeal_of_a_trip_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("by")),
                name="nobody_answers_their_own_appeal",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_on"], name="appeals_by_day")
        ]


# As many of a trip as the contract counts (evidence.md §3).
MOST_PAPERS = 20


class Upload(models.Model):
    """A picture or a PDF somebody sent, drawn anew. What it shows lies in the file store."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("picture")
        PDF = "pdf", _("PDF")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    # Of the bytes as they were sent, of what is to be seen on them, and of what is kept.
    digest = models.BinaryField(max_length=32)
    pixels = models.BinaryField(max_length=32)
    kept_digest = models.BinaryField(max_length=32)
    pages = models.PositiveSmallIntegerField(default=1)
    size = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["person", "at"])]

    @property
    def shown(self) -> FileBox:
        """What was drawn anew: the only form that is ever handed out."""
        return FileBox("trips_upload", self.uid, "shown")

    @property
    def original(self) -> FileBox:
        """A PDF as it was sent; of a picture nothing but ``shown`` is kept."""
        return FileBox("trips_upload", self.uid, "original")


class Paper(models.Model):
    """A receipt, ticket or slip, with what its traveller read on it. It counts for one trip."""

    class Kind(models.TextChoices):
        # The words of the claim (travel-expenses.md §2).
        CARD = "card", _("Card slip")
        CASH_RECEIPT = "cash_receipt", _("Cash receipt")
        TAX_INVOICE = "tax_invoice", _("Tax invoice")
        TICKET = "ticket", _("Ticket")
        TOLL = "toll", _("Toll slip")
        FUEL = "fuel", _("Fuel slip")
        PARKING = "parking", _("Parking slip")
        OTHER = "other_receipt", _("Another receipt")
        SIMPLE = "simple_receipt", _("Simple receipt")

    class Why(models.TextChoices):
        OUTSIDE = "outside", _("its time lies outside the trip")
        ELSEWHERE = "elsewhere", _("the same paper lies with another trip")
        WITHDRAWN = "withdrawn", _("its traveller took it back")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="papers")
    check_in = models.ForeignKey(CheckIn, models.PROTECT, null=True, related_name="papers")
    upload = models.OneToOneField(Upload, models.PROTECT, related_name="paper")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    amount = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    number = models.BinaryField(null=True)
    # Equal for equal papers: keyed, over number, sum and time; and what the picture shows.
    mark = models.BinaryField(max_length=32, null=True)
    digest = models.BinaryField(max_length=32, db_index=True)
    pixels = models.BinaryField(max_length=32)
    counted = models.BooleanField()
    why = models.CharField(max_length=9, choices=Why.choices, blank=True)
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["digest"], condition=Q(counted=True), name="a_paper_counts_once"
            ),
            models.UniqueConstraint(
                fields=["pixels"], condition=Q(counted=True), name="a_picture_counts_once"
            ),
            models.UniqueConstraint(
                fields=["mark"], condition=Q(counted=True), name="a_numbered_paper_counts_once"
            ),
            models.CheckConstraint(
                condition=Q(counted=True, why="") | (Q(counted=False) & ~Q(why="")),
                name="a_paper_counts_or_says_why_not",
            ),
        ]

    def number_box(self) -> Box | None:
        if self.number is None:
            return None
        return Box("trips_paper", self.uid, "number", bytes(self.number))


class Photo(models.Model):
    """A picture taken on the spot, whose hash its touch had signed before it was sent."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    check_in = models.OneToOneField(CheckIn, models.PROTECT, related_name="photo")
    upload = models.OneToOneField(Upload, models.PROTECT, related_name="photo")
    # What has to stand on it: drawn from the challenge of the touch.
    code = models.CharField(max_length=5)
    at = models.DateTimeField()


class OfficeRecord(models.Model):
    """A trace of a person at the office, near a touch in time. Others never come in here."""

    class Kind(models.TextChoices):
        DOOR = "door", _("door")
        DOCUMENT = "document", _("document system on site")
        NETWORK = "network", _("network on site")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    imported_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "kind", "place", "at"], name="an_office_trace_is_kept_once"
            ),
        ]


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


class HostLetter(models.Model):
    """The link of an ask on its way to a host's mailbox. The address goes once it was handed on."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DEAD = "dead"

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    ask = models.OneToOneField(HostAsk, models.PROTECT, related_name="letter")
    address = models.BinaryField(null=True)  # sealed
    # Equal for equal addresses, keyed: nobody's mailbox is filled by many askers.
    mark = models.BinaryField(max_length=32)
    language = models.CharField(max_length=2)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mark", "made_at"], name="letters_to_one_mailbox"),
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="links_that_wait"),
        ]

    def put(self, address: str) -> None:
        key = self.ask.check_in.trip.key("biz")
        plain = address.encode()
        self.address = seal(plain, key=key, table="trips_hostletter", row=self.uid, field="address")

    def box(self) -> Box | None:
        if self.address is None:
            return None
        return Box("trips_hostletter", self.uid, "address", bytes(self.address))


class SharedPhone(models.Model):
    """A phone that several people use on a day, said beforehand by whoever keeps it."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    keeper = models.ForeignKey(Person, models.PROTECT, related_name="+")
    day = models.DateField()
    browser = models.BinaryField(max_length=32)
    people = models.ManyToManyField(Person, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["browser", "day", "keeper"], name="a_day_of_a_phone_is_declared_once"
            ),
        ]

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.day, time.min, KST)
