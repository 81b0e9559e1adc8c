"""The forms of this room: shape only, in words of the reader's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Department, Person, Post, Role
from accounts.posting import ZONES
from accounts.selectors import departments_visible_to
from attest.values import KST

_INPUT = {"class": "input"}


class SignInForm(forms.Form):
    organisation = forms.ChoiceField(
        label=gettext_lazy("Organisation"), widget=forms.Select(attrs=_INPUT)
    )
    number = forms.CharField(
        label=gettext_lazy("Employee number"),
        max_length=30,
        # "webauthn" lets the browser offer passkeys in this field.
        widget=forms.TextInput(
            attrs=_INPUT | {"autocomplete": "username webauthn", "autocapitalize": "characters"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs=_INPUT | {"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, organisations: list[str], **kwargs: Any) -> None:
        """Ask for the organisation only where there is a choice."""
        super().__init__(*args, **kwargs)
        if organisations:
            choices = [("", ""), *((name, name) for name in organisations)]
            self.fields["organisation"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["organisation"]


class SettingsForm(forms.Form):
    language = forms.ChoiceField(
        choices=[("", ""), ("ko", "한국어"), ("en", "English")], required=False
    )
    theme = forms.ChoiceField(choices=[("", ""), ("light", ""), ("dark", "")], required=False)
    text_size = forms.TypedChoiceField(choices=[(1, ""), (2, ""), (3, "")], coerce=int)


class DeviceNameForm(forms.Form):
    name = forms.CharField(max_length=50)


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=gettext_lazy("Present password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs=_INPUT | {"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("Twelve characters or more. A sentence is easy to remember."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs=_INPUT | {"autocomplete": "new-password"}),
    )


class SearchForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=50,
        widget=forms.TextInput(attrs=_INPUT | {"autocomplete": "off", "type": "search"}),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What do you need the number for?"),
        help_text=gettext_lazy("The person sees this in their access diary."),
        min_length=2,
        max_length=200,
        widget=forms.TextInput(attrs=_INPUT),
    )


class GrantForm(forms.Form):
    """A role, where it holds, and from which day to which."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Role.choices, widget=forms.Select(attrs=_INPUT)
    )
    scope = forms.ModelChoiceField(
        queryset=Department.objects.none(),
        required=False,
        label=gettext_lazy("Within"),
        empty_label=gettext_lazy("The whole organisation"),
        to_field_name="uid",
        widget=forms.Select(attrs=_INPUT),
    )
    since = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Empty: from now on"),
        widget=forms.DateInput(attrs=_INPUT | {"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("An auditor's role ends after 90 days at the latest."),
        widget=forms.DateInput(attrs=_INPUT | {"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, caller: Person, **kwargs: Any) -> None:
        """Offer the departments of the caller's own office."""
        super().__init__(*args, **kwargs)
        self.fields["scope"].queryset = departments_visible_to(caller)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return said

    def period(self, now: datetime) -> tuple[datetime, datetime | None]:
        """The first moment and the one after the last, in the calendar of the office."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        first = datetime(since.year, since.month, since.day, tzinfo=KST) if since else now
        if until is None:
            return first, None
        last = datetime(until.year, until.month, until.day, 23, 59, 59, 999_999, tzinfo=KST)
        return first, last


class SheetForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("CSV file"), max_length=200)


class PostboxForm(forms.Form):
    """Where letters go, about what, and when not."""

    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Empty: no letters. Messages always stand in the product."),
        max_length=200,
        required=False,
        widget=forms.EmailInput(attrs=_INPUT | {"autocomplete": "email"}),
    )
    letters = forms.MultipleChoiceField(
        label=gettext_lazy("Letters about"),
        choices=Post.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    notices = forms.MultipleChoiceField(
        label=gettext_lazy("Notices on the phone about"),
        choices=Post.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = forms.TypedChoiceField(
        label=gettext_lazy("Quiet from"),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        widget=forms.Select(attrs=_INPUT),
    )
    quiet_until = forms.TypedChoiceField(
        label=gettext_lazy("Quiet until"),
        help_text=gettext_lazy(
            "Letters and notices wait until then. The same hour twice: no quiet time."
        ),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        widget=forms.Select(attrs=_INPUT),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[(zone, zone.replace("_", " ")) for zone in ZONES],
        widget=forms.Select(attrs=_INPUT),
    )

    def said(self) -> dict[str, Any]:
        """What the service is told; it keeps which kinds send no letter, and which no notice."""
        told = dict(self.cleaned_data)
        every = {kind.value for kind in Post.Kind}
        silent, unshown = every - set(told.pop("letters")), every - set(told.pop("notices"))
        return told | {"silent": silent, "unshown": unshown}
