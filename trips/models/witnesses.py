"""Who and what else was there: codes of places, tags, hosts, and phones that are shared."""

from __future__ import annotations

from datetime import datetime, time
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Place
from attest.values import KST
from trips.models.touch import CheckIn
from vault.ids import uuid7
from vault.sealed import Box, seal


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
