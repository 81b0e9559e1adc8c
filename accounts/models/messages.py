"""News for a person: in the product always, by letter and on a phone where they want it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Person
from vault.ids import uuid7
from vault.sealed import Box, KeyName, seal


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
