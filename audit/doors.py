"""Who comes in: auditors, by their live grant; others find a closed door."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.http import HttpRequest
from django.utils import timezone
from django.views import View
from rest_framework.permissions import BasePermission

from accounts.models import Person
from accounts.selectors import may_administer, may_audit
from settlement.asking import person_of


class MayAudit(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        del view
        return may_audit(request.user, at=timezone.now())


class AuditorView(LoginRequiredMixin, UserPassesTestMixin, View):
    """A page of the auditor's room: anonymous people sign in, others are refused."""

    def test_func(self) -> bool:
        return may_audit(self.auditor, at=timezone.now())

    @property
    def auditor(self) -> Person:
        return person_of(self.request)


class AdministratorView(LoginRequiredMixin, UserPassesTestMixin, View):
    """A page of this room that is for who keeps the rules, not for who audits them."""

    def test_func(self) -> bool:
        return may_administer(self.administrator, at=timezone.now())

    @property
    def administrator(self) -> Person:
        return person_of(self.request)


def address_of(request: HttpRequest) -> str:
    """Where the request came from, for the diary."""
    return str(request.META.get("REMOTE_ADDR", ""))
