"""``/me/messages/``: news for me, and how I want to hear of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings as office
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Post
from accounts.paging import post_page
from accounts.posting import postbox_of
from accounts.selectors import posts_of, push_addresses_of
from accounts.services.change_postbox import change_postbox
from accounts.services.drop_push_addresses import drop_push_addresses
from accounts.services.read_post import read_post
from accounts.services.read_posts import read_posts
from accounts.services.show_push_key import show_push_key
from accounts.web.forms import PostboxForm
from accounts.web.rights import caller_of

# What a message leads to, where that is not the trip of the reader.
_ELSEWHERE = {
    Post.Kind.ACCOUNT: "accounts:devices",
    Post.Kind.SIGNED_IN: "accounts:devices",
    Post.Kind.SHARED: "trips:shared-phones",
    Post.Kind.HANDED_IN: "trips:trips",
    Post.Kind.DELEGATED: "trips:approvals",
    Post.Kind.TO_ORDER: "trips:approvals",
    Post.Kind.TO_CONFIRM: "trips:approvals",
    Post.Kind.TO_ANSWER: "trips:approvals",
    Post.Kind.TO_HEAR: "trips:appeals",
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: HttpRequest) -> HttpResponse:
    """Newest first, 25 a page; a press says that those shown were seen."""
    caller = caller_of(request)
    if request.method == "POST":
        newest = get_object_or_404(posts_of(caller), uid=_uid(request.POST.get("upto", "")))
        read_posts(caller, upto=newest.pk, now=timezone.now())
        return redirect("accounts:messages")
    before = request.GET.get("before", "")
    page = post_page(posts_of(caller), before=before)
    here = {
        "posts": page.rows,
        "unread": any(post.read_at is None for post in page.rows),
        "next_url": f"?before={page.next}" if page.next else "",
        "previous_url": reverse("accounts:messages") if before else "",
    }
    return render(request, "accounts/messages.html", here)


@login_required
@require_safe
def message(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Lead to what the message is about. It is read from now on."""
    post = get_object_or_404(posts_of(caller_of(request)), uid=uid)
    read_post(post, now=timezone.now())
    if elsewhere := _ELSEWHERE.get(Post.Kind(post.kind)):
        return redirect(elsewhere)
    return redirect("trips:trip", post.about)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    form = PostboxForm(request.POST if request.method == "POST" else None, initial=_kept(request))
    if form.is_bound and form.is_valid():
        change_postbox(caller, now=timezone.now(), **form.said())
        notices.success(request, _("Saved."))
        return redirect("accounts:messages")
    here = {
        "form": form,
        "mail": bool(office.EMAIL_HOST),
        "push_key": show_push_key(),
        "browsers": push_addresses_of(caller).count(),
    }
    return render(
        request, "accounts/message_settings.html", here, status=400 if form.is_bound else 200
    )


@login_required
@require_POST
def no_notices(request: HttpRequest) -> HttpResponse:
    """No browser shows notices any more: for a phone that is not at hand, and without script."""
    drop_push_addresses(caller_of(request), browser=None)
    notices.success(request, _("No browser shows notices any more."))
    return redirect("accounts:message-settings")


def _kept(request: HttpRequest) -> dict[str, Any]:
    box = postbox_of(caller_of(request))
    return {
        "address": box.shown_address(),
        "letters": [kind.value for kind in Post.Kind if kind not in box.silent],
        "notices": [kind.value for kind in Post.Kind if kind not in box.unshown],
        "quiet_from": box.quiet_from,
        "quiet_until": box.quiet_until,
        "zone": box.zone,
    }


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise BadRequest("not the form of this page") from wrong
