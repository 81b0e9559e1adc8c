from __future__ import annotations

from tests.settlement.conftest import clock

__all__ = ["clock"]
