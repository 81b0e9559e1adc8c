"""``/manage/rules/``: the office's own rules: written, tried, proposed, released by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Job, Person
from accounts.step_up import Answer, encoded
from attest.errors import ClaimRefused, RulesRefused
from settlement import showing, words
from settlement.asking import person_of
from settlement.drafting import RELEASE, changes, release_hash
from settlement.jobs import TRIED_DAYS, TRY
from settlement.models import RuleSet
from settlement.paging import after_of
from settlement.selectors import rule_sets_administered_by
from settlement.services.draft_rules import draft_rules
from settlement.services.propose_rules import propose_rules
from settlement.services.release_rules import release_rules
from settlement.web.rights import administrator_only
from settlement.working import asked, jobs_of, page_of, under_way
from trips.rules import rule_sets

SHOWN = 50


class RulesForm(forms.Form):
    toml = forms.CharField(
        label=gettext_lazy("Rules"),
        strip=False,
        max_length=65_536,
        widget=forms.Textarea(
            attrs={"class": "input", "rows": 18, "spellcheck": "false", "lang": "ko"}
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=10,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
def rule_sets_page(request: HttpRequest) -> HttpResponse:
    """What holds today, what was written; a text makes a draft."""
    caller, now = person_of(request), timezone.now()
    form = RulesForm(request.POST or None, initial={"toml": _blank(caller)})
    if form.is_valid() and (row := _kept(form, caller, None)):
        return redirect("settlement:rule-set", row.uid)
    office, today = caller.organisation, timezone.localdate()
    here = {
        "form": form,
        "chain": rule_sets().on(office.rule_set, today).chain,
        "rows": rule_sets_administered_by(caller, at=now)[:SHOWN],
        "today": today,
    }
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return render(request, "settlement/rules.html", here, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
def rule_set(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One version; its writer may still change a draft."""
    caller, row = person_of(request), _row(request, uid)
    form = RulesForm(request.POST or None, initial={"toml": row.toml, "reason": row.reason})
    if form.is_valid() and _kept(form, caller, row):
        messages.success(request, pgettext("rules", "Saved as a draft."))
        return redirect("settlement:rule-set", uid)
    return _page(request, row, form, tried=_tried(request, row))


@require_POST
@administrator_only
def what_if(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A few trips are computed at once; many are the worker's."""
    row, caller = _row(request, uid), person_of(request)
    job = asked(caller, TRY, now=timezone.now(), rules=str(row.uid))
    if job.state != Job.State.DONE:
        return redirect(page_of(job))
    return _page(request, row, _form(row), tried=_told(job.result))


@require_POST
@administrator_only
def proposal(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _row(request, uid)
    try:
        propose_rules(row, by=person_of(request), now=timezone.now())
    except RulesRefused as no:
        messages.error(request, str(words.RULES[no.why]))
    else:
        messages.success(request, _("Another administrator can release it now."))
    return redirect("settlement:rule-set", uid)


@require_POST
@administrator_only
def release(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, signed = _row(request, uid), Answer.read(request.POST.get("step_up", ""))
    try:
        release_rules(row, by=person_of(request), signed=signed, now=timezone.now())
    except RulesRefused as no:
        messages.error(request, str(words.RULES[no.why]))
    else:
        messages.success(request, _("Released."))
    return redirect("settlement:rule-set", uid)


@require_safe
@administrator_only
def text(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The text as it was written, byte for byte."""
    row = _row(request, uid)
    answer = HttpResponse(row.toml, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.uid}.toml"'
    return answer


def _row(request: HttpRequest, uid: UUID) -> RuleSet:
    rows = rule_sets_administered_by(person_of(request), at=timezone.now())
    return get_object_or_404(rows, uid=uid)


def _kept(form: RulesForm, caller: Person, instead: RuleSet | None) -> RuleSet | None:
    """The row, or none with the faults told at the form."""
    said, now = form.cleaned_data, timezone.now()
    # A browser sends line ends of its own.
    plain = said["toml"].replace("\r\n", "\n")
    try:
        return draft_rules(plain, by=caller, reason=said["reason"], now=now, instead=instead)
    except RulesRefused as no:
        form.add_error("toml", str(words.RULES[no.why]))
    except ClaimRefused as no:
        for fault in no.faults:
            form.add_error("toml", showing.in_words({"ko": fault.ko, "en": fault.en}))
    return None


def _form(row: RuleSet) -> RulesForm:
    return RulesForm(initial={"toml": row.toml, "reason": row.reason})


def _page(request: HttpRequest, row: RuleSet, form: RulesForm, **more: Any) -> HttpResponse:
    caller = person_of(request)
    here = {
        "row": row,
        "form": form,
        "own": row.made_by_id == caller.pk,
        "changes": changes(row, office=caller.organisation),
        "days": TRIED_DAYS,
        "under_way": under_way(caller, TRY),
        "action": RELEASE,
        "batch_hash": encoded(release_hash(row)),
    }
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return render(request, "settlement/rule_set.html", here | more, status=status)


def _tried(request: HttpRequest, row: RuleSet) -> dict[str, Any] | None:
    """What the worker found of these rules, where the address names its job."""
    if (uid := after_of(request.GET.get("job", ""))) is None:
        return None
    tried = jobs_of(person_of(request)).filter(uid=uid, kind=TRY, state=Job.State.DONE)
    job = tried.filter(about__rules=str(row.uid)).first()
    return _told(job.result) if job else None


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    rows = [one | {"lines": [showing.line(line) for line in one["lines"]]} for one in found["rows"]]
    return {**found, "sign": "+" if found["won"] > 0 else "", "rows": rows}


def _blank(caller: Person) -> str:
    """The head of a new version, to be filled."""
    office, today = caller.organisation, timezone.localdate()
    first = date(today.year + 1, 1, 1).isoformat()
    return (
        f'[rule_set]\nid = "{office.rule_set}"\nversion = "{first}"\nvalid_from = {first}\n'
        f'extends = "{rule_sets().pick(office.rule_set, today).name}"\n'
        f'title = {{ ko = "{office.name} 여비 기준", en = "Travel expenses of {office.name}" }}\n'
    )
