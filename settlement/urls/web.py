"""The clerk's pages."""

from __future__ import annotations

from django.urls import path

from settlement.urls.converters import MONTH
from settlement.web import (
    batches,
    desks,
    exceptions,
    files,
    month_sheets,
    months,
    papers,
    payments,
    questions,
    records,
    rules,
    scan,
    settlements,
    work,
)

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
    path("settlement/batches/<uuid:uid>/second/", batches.second, name="second"),
    path("settlement/batches/<uuid:uid>/drop/", batches.drop, name="drop"),
    path("settlement/work/<uuid:uid>/", work.work, name="work"),
    path("settlement/work/<uuid:uid>/file/", work.work_file, name="work-file"),
    path("settlement/settlements/<uuid:uid>/", settlements.settlement, name="settlement"),
    path("settlement/months/", months.months, name="months"),
    path(f"settlement/months/{MONTH}/", months.month, name="month"),
    path(f"settlement/months/{MONTH}/import/", month_sheets.imports, name="month-import"),
    path(f"settlement/months/{MONTH}/rows/", months.taking, name="month-rows"),
    path(f"settlement/months/{MONTH}/rows/<uuid:uid>/", month_sheets.row, name="month-row"),
    path(f"settlement/months/{MONTH}/batch/", months.laying, name="month-batch"),
    path(f"settlement/months/{MONTH}/payments/", months.payments, name="month-payments"),
    path(f"settlement/months/{MONTH}/closing/", months.closing, name="month-closing"),
    path(f"settlement/months/{MONTH}/reopening/", months.reopening, name="month-reopening"),
    path(f"settlement/months/{MONTH}/sheets/<str:sheet>", months.sheet, name="month-sheet"),
    path(f"settlement/months/{MONTH}/statement/", papers.statement, name="month-statement"),
    path(f"settlement/months/{MONTH}/check/", months.checking, name="month-check"),
    path("settlement/records/<slug:kind>/", records.records, name="records"),
    path("settlement/payments/", payments.answers, name="payments"),
    path("settlement/clawbacks/", payments.clawbacks, name="clawbacks"),
    path("settlement/clawbacks/<uuid:uid>/recovery/", payments.recovery, name="recovery"),
    path("settlement/settlements/<uuid:uid>/claim/", papers.claim, name="claim"),
    path("settlement/trips/<uuid:uid>/files/", files.files, name="files"),
    path("settlement/exceptions/", exceptions.exceptions, name="exceptions"),
    path("settlement/exceptions/<uuid:uid>/", exceptions.exception, name="exception"),
    path("settlement/exceptions/<uuid:uid>/review/", exceptions.review, name="review"),
    path(
        "settlement/exceptions/<uuid:uid>/question/",
        exceptions.question,
        name="question",
    ),
    path("trips/<uuid:uid>/questions/", questions.questions, name="questions"),
    path("questions/<uuid:uid>/answer/", questions.answer, name="answer"),
    path(
        "settlement/exceptions/<uuid:uid>/return/",
        exceptions.trip_return,
        name="return",
    ),
]
