"""How a person wants to see the pages."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Person


@transaction.atomic
def change_settings(
    person: Person,
    *,
    language: str | None = None,
    theme: str | None = None,
    text_size: int | None = None,
) -> Person:
    """Change what is given; what is not given stays."""
    given = {"language": language, "theme": theme, "text_size": text_size}
    changed = {name: value for name, value in given.items() if value is not None}
    for name, value in changed.items():
        setattr(person, name, value)
    if changed:
        person.save(update_fields=sorted(changed))
    return person
