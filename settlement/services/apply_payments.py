"""The bank's answer is written down: paid, or failed and why."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Person
from attest.errors import BatchChanged
from settlement.models import Settlement
from settlement.payments import Answers, answers_in


@transaction.atomic
def apply_payments(raw: bytes, *, digest: bytes, clerk: Person) -> Answers:
    """Exactly the fates that were previewed, all of them or none."""
    answers = answers_in(raw, clerk=clerk)
    named = [line.settlement.pk for line in answers.lines if line.settlement]
    for start in range(0, len(named), 500):
        held = Settlement.objects.select_for_update().filter(pk__in=named[start : start + 500])
        list(held.values_list("pk"))
    answers = answers_in(raw, clerk=clerk)
    if answers.digest != digest:
        raise BatchChanged("the payments have changed since the answer was looked at")
    rows = []
    for line in answers.lines:
        if line.settlement and line.fate in {"paid", "failed"}:
            paid = line.settlement
            paid.payment, paid.payment_on, paid.payment_note = line.fate, line.on, line.note
            rows.append(paid)
    Settlement.objects.bulk_update(rows, ["payment", "payment_on", "payment_note"], batch_size=200)
    return answers
