"""Who there is, what they may do, and what they said yes to."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import choice, token_hex
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vault.ids import uuid7
from vault.sealed import Box, KeyName, blind_index, seal
from vault.sealed.files import FileBox

# Without the letters people mishear: an alias may be read out over the telephone.
_ALIAS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_alias() -> str:
    return "".join(choice(_ALIAS) for _ in range(9))


def new_ref() -> str:
    return "p" + token_hex(4)


class Organisation(models.Model):
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=100, unique=True)
    rule_set = models.CharField(max_length=40, default="kr-national")
    settings = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """The subject of what belongs to the office, not to a person."""
        return f"org-{self.pk}"


class Department(models.Model):
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="departments")
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    approver = models.ForeignKey("Person", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="a_department_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """Somewhere people go. The same ``compound`` means the same site."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="places")
    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=5)
    town = models.CharField(max_length=50, blank=True)
    island = models.CharField(max_length=64, blank=True)
    compound = models.CharField(max_length=64, blank=True)
    point = models.BinaryField(null=True)
    radius_m = models.PositiveIntegerField(default=200)
    site_equipped = models.BooleanField(default=False)
    # Trips to it need a site code or somebody there who confirms them (evidence.md §4.4).
    needs_witness = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="a_place_is_named_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def box(self) -> Box | None:
        if self.point is None:
            return None
        return Box("accounts_place", self.uid, "point", bytes(self.point))

    def put_point(self, plain: bytes) -> None:
        key = KeyName(self.organisation.ref, "-", "loc")
        self.point = seal(plain, key=key, table="accounts_place", row=self.uid, field="point")


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(ref=username)

    def numbered(self, organisation: Organisation, number: str) -> Person | None:
        """Who carries this employee number here; looked up without a plain column."""
        index = number_index(organisation, number)
        return self.filter(organisation=organisation, number_index=index).first()


def number_index(organisation: Organisation, number: str) -> bytes:
    return blind_index("employee-number", f"{organisation.pk}:{number.strip().upper()}")


class Person(AbstractBaseUser):
    """One account, one person. The employee number lies sealed beside its blind index."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    ref = models.CharField(max_length=9, unique=True, default=new_ref, editable=False)
    alias = models.CharField(max_length=9, unique=True, default=new_alias, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    department = models.ForeignKey(Department, models.PROTECT, related_name="people")
    workplace = models.ForeignKey(Place, models.PROTECT, related_name="+")
    name = models.CharField(max_length=50)
    number_index = models.BinaryField(max_length=32)
    number_sealed = models.BinaryField()
    grade = models.PositiveSmallIntegerField(default=2)
    dedicated_car = models.BooleanField(default=False)
    hired_driver = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, blank=True)
    theme = models.CharField(max_length=5, blank=True)
    text_size = models.PositiveSmallIntegerField(default=1)
    # Up to when they have read who looked at them.
    diary_read_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "ref"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[People] = People()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "number_index"],
                name="one_account_is_one_person",
            ),
            models.CheckConstraint(condition=Q(grade__in=[1, 2]), name="grade_is_one_or_two"),
        ]

    def __str__(self) -> str:
        return self.name

    def put_number(self, number: str) -> None:
        plain = number.strip().upper()
        self.number_index = number_index(self.organisation, plain)
        key = KeyName(self.ref, "-", "id")
        self.number_sealed = seal(
            plain.encode(),
            key=key,
            table="accounts_person",
            row=self.uid,
            field="number",
        )

    def number_box(self) -> Box:
        return Box("accounts_person", self.uid, "number", bytes(self.number_sealed))


class Role(models.TextChoices):
    TRAVELLER = "traveller", _("traveller")
    APPROVER = "approver", _("approver")
    CLERK = "clerk", _("finance clerk")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


class GrantQuery(models.QuerySet["Grant"]):
    def live(self, at: datetime) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=at), since__lte=at)


class Grant(models.Model):
    """A role, from a moment to a moment, within a department or (none) the whole office."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=13, choices=Role.choices)
    scope = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(db_column="from")
    until = models.DateTimeField(null=True, blank=True)
    # Empty only for what the command line granted while nobody was there to grant it.
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = GrantQuery.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("person")),
                name="nobody_grants_themselves",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="a_grant_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(role="auditor") | Q(until__isnull=False),
                name="an_auditor_is_appointed_for_a_time",
            ),
        ]


class Device(models.Model):
    """A key that signs for a person: a passkey, or a browser's own key."""

    class Kind(models.TextChoices):
        PASSKEY = "passkey", _("passkey")
        DEVICE_KEY = "device_key", _("device key")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        LIVE = "live", _("live")
        RETIRED = "retired", _("retired")
        REVOKED = "revoked", _("revoked")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="devices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=50)
    credential_id = models.BinaryField(null=True, unique=True)
    public_key = models.BinaryField(unique=True)  # SPKI DER
    digest = models.BinaryField(max_length=12)  # first 12 bytes of its SHA-256: the token's device
    synced = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State.choices, default=State.LIVE)
    enrolled_at = models.DateTimeField()
    # Since when it signs nothing that counts: revoked, or retired for a newer key.
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The key of the same browser that retires once this one is live.
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    @property
    def key_id(self) -> bytes:
        """How a proof names a device key."""
        return bytes(self.digest)


class Consent(models.Model):
    """Append-only: what was said, to which text, when. The newest row of a purpose counts."""

    class Answer(models.TextChoices):
        GIVEN = "given", _("given")
        PAUSED = "paused", _("paused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    person = models.ForeignKey(Person, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20)
    text_version = models.CharField(max_length=20)
    answer = models.CharField(max_length=9, choices=Answer.choices)
    at = models.DateTimeField()


class StepUp(models.Model):
    """A fresh signature asked for one deed over one batch. It can be used once."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    action = models.CharField(max_length=30)
    batch_hash = models.BinaryField(max_length=32)
    nonce = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class ApprovalPair(models.Model):
    """Four eyes: what one person made, another checked."""

    maker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    checker = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    about = models.CharField(max_length=80, unique=True)
    made_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(checker=None) | ~Q(checker=F("maker")),
                name="two_eyes_are_not_four",
            ),
        ]


class PeopleImport(models.Model):
    """A sheet of people that was previewed and waits to be applied; applied once."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    sheet = models.BinaryField()  # sealed; emptied once applied
    digest = models.BinaryField(max_length=32)
    applied_at = models.DateTimeField(null=True, blank=True)

    def put_sheet(self, raw: bytes) -> None:
        key = KeyName(self.uploaded_by.ref, "-", "id")
        self.sheet = seal(raw, key=key, table="accounts_peopleimport", row=self.uid, field="sheet")

    def box(self) -> Box:
        return Box("accounts_peopleimport", self.uid, "sheet", bytes(self.sheet))


class Post(models.Model):
    """One message to one person, written with the deed it tells of.

    It says its kind and, for whoever may see it, which trip: never a place, a purpose or a sum.
    It always stands in the person's list; ``mail`` says what became of the letter beside it.
    """

    class Kind(models.TextChoices):
        DECIDED = "decided", _("A trip of yours was decided or given back")
        ITEM_ASKED = "item_asked", _("Something more is asked for on one of your trips")
        ARRIVAL_DUE = "arrival_due", _("Half an hour after the start there is no arrival yet")
        RETURN_DUE = "return_due", _("An hour after the end there is no return yet")
        PAID = "paid", _("A trip of yours was settled")
        CORRECTED = "corrected", _("A correction of yours has its answer")
        ACCOUNT = "account", _("Your account changed: a device, a role, a password or an address")
        SIGNED_IN = "signed_in", _("Your account was opened in a browser it never was opened in")
        SHARED = "shared", _("You were named as one who uses a shared phone")
        HANDED_IN = "handed_in", _("A file of touches from your phone was handed in for you")
        DELEGATED = "delegated", _("Approvals were handed to you, or back")
        TO_ORDER = "to_order", _("A trip waits for your order")
        TO_CONFIRM = "to_confirm", _("A trip is back and waits for your approval")
        TO_ANSWER = "to_answer", _("A correction waits for your answer")
        TO_HEAR = "to_hear", _("An appeal waits for your answer")
        HEARD = "heard", _("An appeal of yours has its answer")

    class Mail(models.TextChoices):
        NONE = "none"
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"  # the address was taken away before it was sent
        DEAD = "dead"

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    # What it is about, once: the same deed told again changes nothing.
    dedupe = models.CharField(max_length=80, unique=True)
    about = models.UUIDField(null=True, blank=True, db_index=True)  # the trip
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=7, choices=Mail.choices, default=Mail.NONE)
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-id"], name="posts_of_a_person"),
            models.Index(
                fields=["person"], condition=Q(read_at=None), name="posts_nobody_read_yet"
            ),
            models.Index(fields=["due_at"], condition=Q(mail="waiting"), name="letters_that_wait"),
            models.Index(fields=["at"], condition=Q(mail="dead"), name="letters_given_up"),
        ]


class Postbox(models.Model):
    """How a person wants to hear of news. Without a row: in the product alone."""

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="postbox")
    address = models.BinaryField(null=True)  # sealed
    # The kinds that send no letter, and those that show no notice on a phone.
    silent = models.JSONField(default=list)
    unshown = models.JSONField(default=list)
    # Whole hours of the person's day; equal ones: no quiet time.
    quiet_from = models.PositiveSmallIntegerField(default=21)
    quiet_until = models.PositiveSmallIntegerField(default=8)
    zone = models.CharField(max_length=40, default="Asia/Seoul")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(quiet_from__lt=24, quiet_until__lt=24), name="a_day_has_24_hours"
            ),
        ]

    def put_address(self, address: str) -> None:
        if not address:
            self.address = None
            return
        key = KeyName(self.person.ref, "-", "id")
        self.address = seal(
            address.encode(),
            key=key,
            table="accounts_postbox",
            row=self.person.uid,
            field="address",
        )

    def shown_address(self) -> str:
        """What the person wrote; opened for them, and for the letter to them, alone."""
        if self.address is None:
            return ""
        sealed = bytes(self.address)
        return Box("accounts_postbox", self.person.uid, "address", sealed).open().decode()


class KnownBrowser(models.Model):
    """A browser a person signed in from; the next sign-in from another one is told to them."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    mark = models.BinaryField(max_length=32)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "mark"], name="a_browser_is_known_once"),
        ]


class PushAddress(models.Model):
    """Where the push service of a browser takes notices for a person, and how to seal them."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="push_addresses")
    # Who knows the address can send to it: sealed, and found again by a keyed hash.
    where = models.BinaryField()
    index = models.BinaryField(max_length=32, unique=True)
    # Of the browser it came from: signing out there ends it.
    browser = models.BinaryField(max_length=32, null=True)
    # It takes notices from the holder of this one key alone (RFC 8292, section 4).
    sender = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    def put(self, where: bytes) -> None:
        key = KeyName(self.person.ref, "-", "id")
        self.where = seal(where, key=key, table="accounts_pushaddress", row=self.uid, field="where")

    def box(self) -> Box:
        return Box("accounts_pushaddress", self.uid, "where", bytes(self.where))


class Notice(models.Model):
    """A message on its way to one browser. The row goes once it was taken, or never can be."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="notices")
    address = models.ForeignKey(PushAddress, models.CASCADE, related_name="notices")
    due_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["post", "address"], name="a_browser_hears_of_a_message_once"
            ),
        ]


class DelegationQuery(models.QuerySet["Delegation"]):
    def live(self, at: datetime) -> Self:
        return self.filter(since__lte=at, until__gt=at, ended_at=None)


class Delegation(models.Model):
    """An approver's decisions in another's hands, from a moment to a moment. It ends by itself."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="delegations")
    to = models.ForeignKey(Person, models.PROTECT, related_name="delegated")
    since = models.DateTimeField(db_column="from")
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DelegationQuery.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(person=F("to")), name="nobody_stands_in_for_themselves"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("since")), name="a_delegation_ends_after_it_began"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to", "until"], name="whose_hands_hold_what"),
            models.Index(fields=["person", "until"], name="what_lies_in_whose_hands"),
        ]

    @property
    def last_day(self) -> datetime:
        """A moment of the last day: *until* is the midnight after it."""
        return self.until - timedelta(seconds=1)


class Job(models.Model):
    """Work of more than a second, done by the worker while its page may be left.

    Its deed and its end are one transaction: whatever cuts the work off, either all of the deed
    is there and the job is done, or nothing is and the job is interrupted.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("job", "waiting")
        RUNNING = "running", pgettext_lazy("job", "running")
        DONE = "done", pgettext_lazy("job", "done")
        FAILED = "failed", pgettext_lazy("job", "failed")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    about = models.JSONField()
    # What was brought, sealed; let go of as soon as the job has ended.
    brought = models.BinaryField(default=b"")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    code = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    # Until then nobody else thinks it abandoned.
    held_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=["waiting", "running"]),
                name="jobs_not_yet_ended",
            ),
        ]

    def put_brought(self, raw: bytes) -> None:
        key = KeyName(self.owner.ref, "-", "id")
        self.brought = seal(raw, key=key, table="accounts_job", row=self.uid, field="brought")

    def open_brought(self) -> bytes:
        return Box("accounts_job", self.uid, "brought", bytes(self.brought)).open()

    @property
    def file(self) -> FileBox:
        """What it made to be taken away, if it made a file."""
        return FileBox("accounts_job", self.uid, "made")
