from __future__ import annotations

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Rows can be imported only now.
        from settlement.released import released_texts  # noqa: PLC0415
        from trips import rules  # noqa: PLC0415

        rules.also(released_texts)
