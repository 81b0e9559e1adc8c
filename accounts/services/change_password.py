"""A person chooses a new password, knowing the old one."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person


@transaction.atomic
def change_password(person: Person, *, old: str, new: str) -> Person:
    """Refuse, as a ``ValidationError`` in words, a wrong old or a weak new one."""
    if not person.check_password(old):
        raise ValidationError(_("The present password is not right."), code="password.wrong")
    validate_password(new, person)
    person.set_password(new)
    person.save(update_fields=["password"])
    return person
