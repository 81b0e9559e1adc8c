from __future__ import annotations

from tests.settlement.conftest import clock, payable

__all__ = ["clock", "payable"]
