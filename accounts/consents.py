"""What a person is asked to agree to: one purpose, one text, one version (security.md §6)."""

from __future__ import annotations

from django.dispatch import Signal

POSITION, PHOTO, MOTION = PURPOSES = ("position", "photo", "motion")

# The version of the text in templates/accounts/consents/<purpose>.html. A new text has a
# new version, and everybody is asked again.
VERSIONS = {POSITION: "2026-11-3", PHOTO: "2026-11-3", MOTION: "2026-11-3"}

# Sent once an answer stands that takes a consent back, with ``person``, ``purpose`` and ``now``:
# the rooms above erase what was kept by it.
withdrawn = Signal()
