"""Addresses of the log that auditors alone may read (log.md §8)."""

from __future__ import annotations

from django.urls import path

from audit.api.entries import EntriesView

urlpatterns = [path("tile/entries/<path:name>", EntriesView.as_view(), name="log-entries")]
