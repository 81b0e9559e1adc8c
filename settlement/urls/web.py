"""The clerk's pages."""

from __future__ import annotations

from django.urls import path

from settlement.web import batches, desks, exceptions, files, scan, settlements

app_name = "settlement"
urlpatterns = [
    path("settlement/", scan.home, name="home"),
    path("settlement/scan/", scan.scan, name="scan"),
    path("settlement/scan/offline/", scan.offline, name="scan-offline"),
    path("manage/desks/", desks.desks, name="desks"),
    path("settlement/batches/", batches.batches, name="batches"),
    path("settlement/batches/<uuid:uid>/", batches.batch, name="batch"),
    path("settlement/batches/<uuid:uid>/settlement/", batches.settlement, name="settle"),
    path("settlement/settlements/<uuid:uid>/", settlements.settlement, name="settlement"),
    path("settlement/trips/<uuid:uid>/files/", files.files, name="files"),
    path("settlement/exceptions/", exceptions.exceptions, name="exceptions"),
    path("settlement/exceptions/<uuid:uid>/", exceptions.exception, name="exception"),
    path(
        "settlement/exceptions/<uuid:uid>/return/",
        exceptions.trip_return,
        name="return",
    ),
]
