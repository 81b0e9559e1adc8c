"""The worker: letters that are due, and what the clock alone tells. One turn, or for ever."""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from accounts.services.deliver_post import deliver_post
from trips.services.remind import remind

_PAUSE_S = 5
# Reminders are counted in half hours: once a minute is often enough.
_EVERY = 12
_MOST = 100
_LOG = logging.getLogger(__name__)


def deliver() -> int:
    """Send what is due, letter by letter; each reads the clock anew."""
    sent = 0
    while sent < _MOST and deliver_post(now=timezone.now()):
        sent += 1
    return sent


def work() -> None:
    """Turn by turn, without end. A database that is away is written down, and asked again."""
    turn = 0
    while True:
        try:
            if turn % _EVERY == 0:
                remind(now=timezone.now())
            deliver()
        except DatabaseError:
            _LOG.exception("the worker could not work")
        close_old_connections()
        turn += 1
        time.sleep(_PAUSE_S)


def begin() -> None:
    """Beside the requests of a small installation, in the one process there is."""
    threading.Thread(target=work, name="worker", daemon=True).start()
