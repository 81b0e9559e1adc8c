"""The browsers a person signs in from, and what is open there now."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.models import Session
from django.db import models

from accounts.models.people import Person
from vault.ids import uuid7


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


class SignIn(models.Model):
    """A session of a person, and the browser it was opened in. It goes with its session."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="sign_ins")
    session = models.OneToOneField(Session, models.CASCADE, related_name="+")
    browser = models.BinaryField(max_length=32)
    # What the browser calls itself, in two words; empty where it is not known.
    words = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
