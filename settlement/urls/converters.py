"""A month in an address: ``2026-11``."""

from __future__ import annotations

from typing import Final

from django.urls import register_converter

MONTH: Final = "<month:name>"


class _MonthName:
    regex = "20[0-9]{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(_MonthName, "month")
