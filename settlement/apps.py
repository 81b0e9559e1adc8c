from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Warned


class SettlementConfig(AppConfig):
    name = "settlement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(second_reader, Tags.compatibility, deploy=True)
        # Rows can be imported only now.
        from settlement.released import released_texts  # noqa: PLC0415
        from trips import rules  # noqa: PLC0415

        rules.also(released_texts)


def second_reader(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Without it nothing fails: only more paper stays unread, and nobody would know why."""
    from trips.adapters.looking import has_second_reader  # noqa: PLC0415 -- see above

    del app_configs, options
    if has_second_reader():
        return []
    said = "zbar is missing: codes that one reader cannot read stay unread"
    return [Warned(said, hint="install the package libzbar0", id="settlement.W001")]
