"""Who may use the clerk's routes."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import Person
from accounts.selectors import may_administer, may_settle_at_all


class IsClerk(BasePermission):
    message = _("Only a finance clerk may do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        del view
        user: object = request.user
        return isinstance(user, Person) and may_settle_at_all(user, at=timezone.now())


class IsAdministrator(BasePermission):
    message = _("Only an administrator may do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        del view
        user: object = request.user
        return isinstance(user, Person) and may_administer(user, at=timezone.now())
