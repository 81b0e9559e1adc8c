"""Where people stand at a place: nobody twice on the very same spot, and nobody away from it."""

from __future__ import annotations

from itertools import count

_STEP_E7, _LINE_E7 = 11, 13
_STEPS = 97
_walked = count(1)


def aside() -> tuple[int, int]:
    """How far north and west of it the next touch is made, in ten millionths of a degree.

    Equal positions would be copies; positions that only ever move on would have left the place
    after some thousand touches. So people go in lines of a dozen metres, side by side.
    """
    line, step = divmod(next(_walked), _STEPS)
    return _STEP_E7 * step, _LINE_E7 * (line % _STEPS)
