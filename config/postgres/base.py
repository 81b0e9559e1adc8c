"""Django's PostgreSQL, its connections looked at before each request, its statements read once.

A kept connection is not asked whether it lives. A server that ended it, by shutdown, restart
or kill, has closed its side or said why: then something lies there to be read. Where nothing
does, a question would only be answered.
"""

from __future__ import annotations

import re
import select
from collections.abc import Iterable
from functools import lru_cache
from itertools import count
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.base import CursorMixin
from psycopg import RawCursor

_MARK = re.compile("%[%s]")


class Cursor(CursorMixin, RawCursor[Any]):
    """Takes Django's ``%s`` and gives PostgreSQL the ``$1`` it knows.

    The driver's own cursor takes every statement of many values apart letter by letter,
    each time it comes.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        return super().execute(_numbered(query, params), params, **how)

    def executemany(self, query: Any, params_seq: Iterable[Any], **how: Any) -> None:
        super().executemany(_numbered(query, params_seq), params_seq, **how)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"cursor_factory": Cursor}

    def is_usable(self) -> bool:
        kept = self.connection
        if kept is None or kept.closed:
            return False
        poll = select.poll()
        poll.register(kept.fileno(), select.POLLIN | select.POLLPRI)
        # What lies there may be a notice: only an answer tells.
        return super().is_usable() if poll.poll(0) else True


def _numbered(query: Any, params: object) -> Any:
    # Without values nothing in it stands for one.
    return _words(query) if params is not None and isinstance(query, str) else query


@lru_cache(maxsize=1_024)
def _words(query: str) -> str:
    numbers = count(1)
    return _MARK.sub(lambda mark: "%" if mark[0] == "%%" else f"${next(numbers)}", query)
