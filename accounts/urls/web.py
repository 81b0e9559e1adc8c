"""Pages of people: the door, what is mine, and the administrator's list."""

from __future__ import annotations

from django.urls import path

from accounts.web import (
    consent,
    delegations,
    enrol,
    imports,
    me,
    messages,
    objections,
    people,
    sessions,
    sign_in,
)

app_name = "accounts"

urlpatterns = [
    path("login/", sign_in.SignInView.as_view(), name="login"),
    path("login/question/", sign_in.question, name="login-question"),
    path("login/passkey/", sign_in.by_passkey, name="login-passkey"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("enrol/", enrol.enrol, name="enrol"),
    path("consent/", consent.consent, name="consent"),
    path("me/", me.me, name="me"),
    path("me/settings/", me.settings, name="settings"),
    path("me/password/", me.password, name="password"),
    path("me/diary/", me.diary, name="diary"),
    path("me/messages/", messages.messages, name="messages"),
    path("me/messages/settings/", messages.settings, name="message-settings"),
    path("me/messages/notices/end/", messages.no_notices, name="no-notices"),
    path("me/messages/<uuid:uid>/", messages.message, name="message"),
    path("approvals/delegations/", delegations.delegations, name="delegations"),
    path("approvals/delegations/<uuid:uid>/end/", delegations.end, name="delegation-end"),
    path("me/diary/<uuid:uid>/objection/", objections.objection, name="objection"),
    path("me/consents/", me.consents, name="consents"),
    path("me/sessions/", sessions.sessions, name="sessions"),
    path("me/sessions/end/", sessions.end_others, name="sessions-end"),
    path("me/sessions/<uuid:uid>/end/", sessions.end, name="session-end"),
    path("me/devices/", me.devices, name="devices"),
    path("me/devices/<uuid:uid>/name/", me.rename, name="device-name"),
    path("me/devices/<uuid:uid>/revocation/", me.revoke, name="device-revocation"),
    path("me/devices/<uuid:uid>/approval/", me.approve, name="device-approval"),
    path("manage/objections/", objections.objections, name="objections"),
    path("manage/people/", people.people, name="people"),
    path("manage/people/<uuid:uid>/", people.person, name="person"),
    path("manage/people/<uuid:uid>/number/", people.number, name="person-number"),
    path("manage/people/<uuid:uid>/password/", people.password, name="person-password"),
    path("manage/people/<uuid:uid>/grants/", people.grant, name="person-grant"),
    path("manage/grants/<uuid:uid>/end/", people.end, name="grant-end"),
    path("manage/imports/", imports.imports, name="imports"),
    path("manage/imports/<uuid:uid>/", imports.preview, name="import"),
    path("manage/imports/<uuid:uid>/application/", imports.application, name="import-application"),
]
