"""The office's own rules of expenses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from accounts.models import Person
from vault.ids import uuid7


class RuleSet(models.Model):
    """A version of the office's own rules. A released one is never edited, only followed."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("rules", "draft")
        PROPOSED = "proposed", pgettext_lazy("rules", "proposed")
        RELEASED = "released", pgettext_lazy("rules", "released")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    # Its id@version, as the text names itself.
    name = models.CharField(max_length=80, unique=True)
    valid_from = models.DateField()
    toml = models.TextField()
    sha256 = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("made_by")),
                name="nobody_releases_their_own_rules",
            ),
            models.CheckConstraint(
                condition=Q(state="released", released_by__isnull=False)
                | (~Q(state="released") & Q(released_by=None)),
                name="rules_are_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name
