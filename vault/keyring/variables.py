"""Keys in the environment, for containers and trials: each file's bytes as base64.

    sealing-keys.json   TRIPSEAL_KEY_SEALING_KEYS_JSON

A variable is taken out of the environment as it is read, so that no program started later
inherits it. What the system shows of this process's first environment is not ours to wipe.
"""

from __future__ import annotations

import os
from base64 import b64decode

from django.core.exceptions import ImproperlyConfigured

_PREFIX = "TRIPSEAL_KEY_"

_taken: dict[str, bytes] = {}


def read_key(name: str) -> bytes:
    """The bytes of the key file *name*, or a refusal to start."""
    variable = variable_of(name)
    if (said := os.environ.pop(variable, None)) is not None:
        try:
            _taken[name] = b64decode(said, validate=True)
        except ValueError:
            # Its words would show the value.
            raise ImproperlyConfigured(f"{variable} is not base64") from None
    if name not in _taken:
        raise ImproperlyConfigured(f"no {variable} in the environment")
    return _taken[name]


def holds(name: str) -> bool:
    return name in _taken or variable_of(name) in os.environ


def names() -> list[str]:
    """Key files that are named here; of those not read yet, as their variable spells them."""
    waiting = (name for name in os.environ if name.startswith(_PREFIX))
    spelled = [name.removeprefix(_PREFIX).lower().replace("_", "-") for name in waiting]
    return [*_taken, *(f"{name.removesuffix('-key')}.key" for name in spelled)]


def variable_of(name: str) -> str:
    return _PREFIX + name.upper().replace("-", "_").replace(".", "_")
