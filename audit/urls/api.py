from __future__ import annotations

from django.urls import path

from audit.api.exports import (
    CancellationView,
    ExportFileView,
    ExportsView,
    ExportView,
    SecondView,
    StatementView,
)
from audit.api.office_records import OfficeRecordsView
from audit.api.records import RecordsView
from audit.api.searches import SearchesView

urlpatterns = [
    path("me/records", RecordsView.as_view(), name="records"),
    path("searches", SearchesView.as_view(), name="searches"),
    path("office-records/imports", OfficeRecordsView.as_view(), name="office-records"),
    path("exports", ExportsView.as_view(), name="exports"),
    path("exports/statements", StatementView.as_view(), name="export-statements"),
    path("exports/<uuid:uid>", ExportView.as_view(), name="export"),
    path("exports/<uuid:uid>/cancellation", CancellationView.as_view(), name="export-cancellation"),
    path("exports/<uuid:uid>/second", SecondView.as_view(), name="export-second"),
    path("exports/<uuid:uid>/file", ExportFileView.as_view(), name="export-file"),
]
