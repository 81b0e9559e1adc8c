"""Who is paid a sum a month for travelling as their job (월액여비)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Person
from vault.ids import uuid7


class StandingAllowance(models.Model):
    """For whole months, from the first up to but without *until*; one at a time a person.

    Its end may come earlier than was said, with whom and why; the sum never changes.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="standing_allowances")
    first = models.CharField(max_length=7)
    until = models.CharField(max_length=7)
    monthly_won = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["first", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Equal: it was taken back before it counted for a month.
            models.CheckConstraint(
                condition=Q(until__gte=F("first")), name="a_standing_allowance_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(monthly_won__gt=0), name="a_standing_allowance_is_a_sum"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("by")), name="nobody_allows_themselves_a_standing_sum"
            ),
        ]

    def covers(self, month: str) -> bool:
        return self.first <= month < self.until
