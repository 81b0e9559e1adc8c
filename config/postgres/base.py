"""Django's PostgreSQL, but a kept connection is looked at before each request, not asked.

A server that ended it, by shutdown, restart or kill, has closed its side or said why: then
something lies there to be read. Where nothing does, a question would only be answered.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        kept = self.connection
        if kept is None or kept.closed:
            return False
        poll = select.poll()
        poll.register(kept.fileno(), select.POLLIN | select.POLLPRI)
        # What lies there may be a notice: only an answer tells.
        return super().is_usable() if poll.poll(0) else True
