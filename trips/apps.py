from __future__ import annotations

from django.apps import AppConfig


class TripsConfig(AppConfig):
    name = "trips"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.consents import withdrawn  # noqa: PLC0415 -- rows exist from here on
        from trips.withdrawing import on_withdrawal  # noqa: PLC0415

        withdrawn.connect(on_withdrawal, dispatch_uid="positions-go")
