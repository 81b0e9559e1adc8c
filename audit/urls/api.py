from __future__ import annotations

from django.urls import path

from audit.api.exports import ExportFileView, ExportsView
from audit.api.office_records import OfficeRecordsView
from audit.api.records import RecordsView
from audit.api.searches import SearchesView

urlpatterns = [
    path("me/records", RecordsView.as_view(), name="records"),
    path("searches", SearchesView.as_view(), name="searches"),
    path("office-records/imports", OfficeRecordsView.as_view(), name="office-records"),
    path("exports", ExportsView.as_view(), name="exports"),
    path("exports/<uuid:uid>/file", ExportFileView.as_view(), name="export-file"),
]
