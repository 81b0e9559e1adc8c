"""When a touch without a line was made, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts import saying
from trips.models import CheckIn


def made_words(touch: CheckIn) -> str:
    """Between two times of the server, and the phone's where it lies there; else empty."""
    if touch.earliest_at is None:
        return ""
    near = saying.day(touch.earliest_at) == saying.day(touch.recorded_at)
    at = saying.clock if near else saying.moment
    said = {"since": at(touch.earliest_at), "until": at(touch.recorded_at)}
    if touch.claimed_at is None:
        return _("Made without a line between %(since)s and %(until)s") % said
    said["phone"] = at(touch.claimed_at)
    return (
        _("Made without a line between %(since)s and %(until)s, by the phone at %(phone)s") % said
    )
