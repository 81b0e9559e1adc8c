"""What a person said to having something recorded of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Person


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
