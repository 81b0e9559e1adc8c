"""What a person is asked to agree to: one purpose, one text, one version (security.md §6)."""

from __future__ import annotations

POSITION, PHOTO, MOTION = PURPOSES = ("position", "photo", "motion")

# The version of the text in templates/accounts/consents/<purpose>.html. A new text has a
# new version, and everybody is asked again.
VERSIONS = {POSITION: "2026-11-2", PHOTO: "2026-11-2", MOTION: "2026-11-2"}
