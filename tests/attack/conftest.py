from __future__ import annotations

from tests.trips.conftest import clock, phone, stages

__all__ = ["clock", "phone", "stages"]
