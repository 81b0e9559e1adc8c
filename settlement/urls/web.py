"""The clerk's pages."""

from __future__ import annotations

from django.urls import path

from settlement.web import batches, desks, exceptions, rules, scan, settlements

app_name = "settlement"
urlpatterns = [
    path("settlement/", scan.home, name="home"),
    path("settlement/scan/", scan.scan, name="scan"),
    path("settlement/scan/offline/", scan.offline, name="scan-offline"),
    path("manage/desks/", desks.desks, name="desks"),
    path("manage/rules/", rules.rule_sets_page, name="rules"),
    path("manage/rules/<uuid:uid>/", rules.rule_set, name="rule-set"),
    path("manage/rules/<uuid:uid>/text/", rules.text, name="rules-text"),
    path("manage/rules/<uuid:uid>/what-if/", rules.what_if, name="rules-what-if"),
    path("manage/rules/<uuid:uid>/proposal/", rules.proposal, name="rules-proposal"),
    path("manage/rules/<uuid:uid>/release/", rules.release, name="rules-release"),
    path("settlement/batches/", batches.batches, name="batches"),
    path("settlement/batches/<uuid:uid>/", batches.batch, name="batch"),
    path("settlement/batches/<uuid:uid>/settlement/", batches.settlement, name="settle"),
    path("settlement/settlements/<uuid:uid>/", settlements.settlement, name="settlement"),
    path("settlement/exceptions/", exceptions.exceptions, name="exceptions"),
    path("settlement/exceptions/<uuid:uid>/", exceptions.exception, name="exception"),
    path("settlement/exceptions/<uuid:uid>/review/", exceptions.review, name="review"),
    path(
        "settlement/exceptions/<uuid:uid>/return/",
        exceptions.trip_return,
        name="return",
    ),
]
