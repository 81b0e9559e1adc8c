"""The worker: letters and notices that are due, what the clock tells, and work people asked for.

One turn, or for ever. Letters, long work and exports do not wait for each other: each has a hand.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from itertools import count

from django.db import close_old_connections
from django.utils import timezone

from accounts.jobs import lapse, next_job, sweep
from accounts.services.deliver_notice import deliver_notice
from accounts.services.deliver_post import deliver_post
from audit.preparing import prepare_exports
from ledger.services.trim_heads import trim_heads
from settlement.jobs import WORKS
from trips.services.deliver_host_letter import deliver_host_letter
from trips.services.remind import remind

_PAUSE_S = 5
# Somebody looks at a bar that does not move.
_SOON_S = 0.5
# Reminders are counted in half hours: once a minute is often enough.
_EVERY = 12
_SWEPT = 7_200
_MOST = 100
_LOG = logging.getLogger(__name__)


def deliver() -> int:
    """Send what is due, one by one; each reads the clock anew."""
    return sum(_all_of(one) for one in (deliver_post, deliver_notice, deliver_host_letter))


def _all_of(deliver_one: Callable[..., bool]) -> int:
    sent = 0
    while sent < _MOST and deliver_one(now=timezone.now()):
        sent += 1
    return sent


def carry_out() -> int:
    """Do the work that people asked for, job by job."""
    done = 0
    while done < _MOST and next_job(WORKS):
        done += 1
    return done


def carry_on() -> None:
    """Job by job, without end."""

    def turn(number: int) -> None:
        carry_out()
        if number % _SWEPT == 0:
            sweep()
            trim_heads(now=timezone.now())

    _without_end(turn, pause_s=_SOON_S)


def export() -> None:
    """Beside the letters, for a large file takes minutes."""
    _without_end(lambda _: prepare_exports(clock=timezone.now), pause_s=_PAUSE_S)


def work() -> None:
    """Letters, notices and what the clock alone tells."""

    def turn(number: int) -> None:
        if number % _EVERY == 0:
            remind(now=timezone.now())
        deliver()

    _without_end(turn, pause_s=_PAUSE_S)


def _without_end(turn: Callable[[int], object], *, pause_s: float) -> None:
    """What fails is written down and asked again: nobody starts a hand that fell off anew."""
    for number in count():
        try:
            turn(number)
        except Exception:  # noqa: BLE001 -- written down, in full
            _LOG.exception("the worker could not work")
        close_old_connections()
        time.sleep(pause_s)


def begin() -> None:
    """Beside the requests of a small installation, in the one process there is."""
    # Nobody else works here: what was under way when the process ended is under way no more.
    lapse(alone=True)
    hands()
    threading.Thread(target=work, name="worker", daemon=True).start()


def hands() -> None:
    """For what takes minutes, beside the letters."""
    threading.Thread(target=carry_on, name="jobs", daemon=True).start()
    threading.Thread(target=export, name="exports", daemon=True).start()
