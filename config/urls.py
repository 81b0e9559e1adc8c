"""Every address, by room (01-model.md §7)."""

from __future__ import annotations

from django.urls import include, path

from config.health import livez, readyz
from config.language import choose
from config.manifest import manifest
from config.offline import service_worker
from config.pages import accessibility, help_page, privacy

app_rooms = ("accounts", "trips", "settlement", "audit")

api = [path("", include(f"{room}.urls.api")) for room in ("ledger", *app_rooms)]

urlpatterns = [
    path("livez", livez),
    path("readyz", readyz),
    path("sw.js", service_worker, name="service-worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("help/", help_page, name="help"),
    path("privacy/", privacy, name="privacy"),
    path("accessibility/", accessibility, name="accessibility"),
    path("i18n/setlang/", choose, name="set_language"),
    path("api/v1/", include((api, "api"))),
    path("api/", include("config.schema")),
    path("log/", include("audit.urls.log")),
    path("log/", include("ledger.urls.log")),
    *[path("", include(f"{room}.urls.web")) for room in app_rooms],
]

handler400 = "config.refusals.unreadable"
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.fault"
