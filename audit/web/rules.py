"""``/manage/weights/rules/``: which rule spoke how often this week, and who decided otherwise."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from attest.errors import WeightsRefused
from audit.doors import AdministratorView
from audit.rules import Rule, rules_of
from trips.models import Verdict
from trips.weighing import weights


class RulesView(AdministratorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = rules_of(self.administrator.organisation, until=timezone.now())
        rows = [
            {"rule": rule, "why": _why(rule), "counts": [rule.verdicts[v] for v in Verdict.values]}
            for rule in found
        ]
        return render(request, "audit/rules.html", {"rows": rows, "verdicts": Verdict.labels})


def _why(rule: Rule) -> dict[str, str]:
    try:
        line = weights().line(rule.code)
    except (ValueError, WeightsRefused):
        return {"why_ko": rule.code, "why_en": rule.code}
    return {"why_ko": line.ko, "why_en": line.en}
