"""Every address of the product with something on it, and who may open it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.server import Stage

# Whose page it is, and its address; ``{…}`` are rows of the town.
PAGES = (
    ("stranger", "/login/"),
    ("stranger", "/help/"),
    ("stranger", "/privacy/"),
    ("stranger", "/accessibility/"),
    ("stranger", "/V#{digits}"),
    ("stranger", "/V"),
    ("bora", "/V#{digits}"),
    ("stranger", "/host"),
    ("stranger", "/host#{host}"),
    ("stranger", "/t"),
    ("ada", "/t#{tag}"),
    ("stranger", "/site/{site}/display/"),
    ("stranger", "/site/{site}/display/#{token}"),
    ("stranger", "/nowhere/"),
    ("ada", "/"),
    ("ada", "/?trip=none"),
    ("ada", "/practice/"),
    ("ada", "/practice/?done=1"),
    ("ada", "/?trip={returned}"),
    ("ada", "/trips/"),
    ("ada", "/trips/new/"),
    ("ada", "/trips/{paid}/"),
    ("ada", "/trips/{asked}/"),
    ("ada", "/trips/{returned}/receipt/"),
    ("ada", "/trips/{poor}/receipt/"),
    ("ada", "/touches/{touch}/present/"),
    ("ada", "/trips/{returned}/add/"),
    ("ada", "/trips/{returned}/photo/"),
    ("ada", "/trips/{returned}/site-code/"),
    ("ada", "/trips/{returned}/host/"),
    ("bora", "/colleagues/"),
    ("ada", "/trips/{returned}/correct/"),
    ("ada", "/trips/{far}/costs/"),
    ("ada", "/trips/{poor}/questions/"),
    ("ada", "/me/"),
    ("ada", "/me/diary/"),
    ("ada", "/me/consents/"),
    ("ada", "/me/devices/"),
    ("ada", "/me/sessions/"),
    ("ada", "/me/password/"),
    ("ada", "/me/messages/"),
    ("ada", "/me/messages/settings/"),
    ("ada", "/trips/{returned}/appeal/"),
    ("ada", "/me/outbox/"),
    ("ada", "/me/outbox/removal/"),
    ("ada", "/offline/"),
    ("ada", "/offline/outbox/"),
    ("ada", "/enrol/"),
    ("ada", "/consent/?purpose=position"),
    ("bora", "/approvals/"),
    ("bora", "/approvals/{returned}/"),
    ("bora", "/approvals/{asked}/"),
    ("bora", "/approvals/delegations/"),
    ("bora", "/appeals/"),
    ("felix", "/settlement/scan/"),
    ("felix", "/settlement/scan/offline/"),
    ("felix", "/settlement/batches/"),
    ("felix", "/settlement/batches/{open}/"),
    ("felix", "/settlement/batches/{settled}/"),
    ("felix", "/settlement/settlements/{settlement}/"),
    ("felix", "/settlement/months/"),
    ("felix", "/settlement/months/{month}/?step=1"),
    ("felix", "/settlement/months/{month}/?step=2"),
    ("felix", "/settlement/months/{month}/?step=4"),
    ("felix", "/settlement/months/{month}/?step=6"),
    ("felix", "/settlement/months/{month}/rows/{row}/"),
    ("felix", "/settlement/months/{month}/dates/"),
    ("felix", "/settlement/payments/"),
    ("felix", "/settlement/clawbacks/"),
    ("felix", "/settlement/trips/{returned}/files/"),
    ("felix", "/settlement/exceptions/"),
    ("felix", "/settlement/exceptions/{exception}/"),
    ("iris", "/audit/trips/"),
    ("iris", "/audit/trips/{paid}/"),
    ("iris", "/audit/office-records/"),
    ("iris", "/audit/exports/"),
    ("iris", "/audit/exports/new/"),
    ("iris", "/audit/anchors/"),
    ("ada", "/me/promises/"),
    ("olga", "/manage/people/"),
    ("olga", "/manage/people/{ada}/"),
    ("olga", "/manage/imports/"),
    ("olga", "/manage/imports/trips/"),
    ("olga", "/manage/imports/standing/"),
    ("olga", "/manage/desks/"),
    ("olga", "/manage/sites/"),
    ("olga", "/manage/presentation/"),
    ("olga", "/manage/sites/{site}/"),
    ("iris", "/audit/hosts/"),
    ("ada", "/trips/{draft}/edit/"),
    ("ada", "/touches/{touch}/log/"),
    ("ada", "/me/data/"),
    ("ada", "/me/consents/withdrawal/"),
    ("ada", "/me/devices/shared/"),
    ("ada", "/me/diary/{look}/objection/"),
    ("cora", "/appeals/{appeal}/"),
    ("felix", "/settlement/records/vehicle-logs/"),
    ("iris", "/audit/reviews/"),
    ("iris", "/audit/reviews/{month}/"),
    ("iris", "/audit/holds/"),
    ("olga", "/manage/people/{ada}/hand-in/"),
    ("olga", "/manage/people/{ada}/standing/"),
    ("olga", "/manage/grants/{grant}/end/"),
    ("olga", "/manage/imports/{sheet}/"),
    ("olga", "/manage/objections/"),
    ("olga", "/manage/devices/"),
    ("olga", "/manage/devices/{device}/"),
    ("olga", "/manage/weights/"),
    ("olga", "/manage/weights/{weights}/"),
    ("olga", "/manage/weights/rules/"),
    ("olga", "/manage/rules/"),
    ("olga", "/manage/rules/{rules}/"),
)
# Addresses that answer with no page of their own: they lead on, hand out a file, or take a deed.
_NO_PAGES = """
    livez readyz sw.js manifest.webmanifest i18n/setlang/ login/question/ login/passkey/ logout/
    me/settings/ me/messages/notices/end/ approvals/delegations/<uuid:uid>/end/
    me/sessions/end/ me/sessions/<uuid:uid>/end/
    me/devices/<uuid:uid>/name/ me/devices/<uuid:uid>/revocation/ me/devices/<uuid:uid>/approval/
    manage/people/<uuid:uid>/number/ manage/people/<uuid:uid>/password/
    manage/people/<uuid:uid>/grants/ manage/imports/<uuid:uid>/application/ touch/
    me/messages/<uuid:uid>/ trips/<uuid:uid>/request/ trips/<uuid:uid>/cancel/
    trips/<uuid:uid>/print/ trips/<uuid:uid>/papers/
    trips/<uuid:uid>/papers/<uuid:paper>/withdrawal/ touches/<uuid:uid>/take-back/
    approvals/<uuid:uid>/undo/ manage/devices/<uuid:uid>/approval/ manage/devices/<uuid:uid>/loss/
    manage/weights/text/ manage/weights/<uuid:uid>/trial/ manage/weights/<uuid:uid>/release/ v
    settlement/ manage/rules/<uuid:uid>/text/ manage/rules/<uuid:uid>/what-if/
    manage/rules/<uuid:uid>/proposal/ manage/rules/<uuid:uid>/release/
    settlement/batches/<uuid:uid>/settlement/ settlement/months/<month:name>/import/
    settlement/months/<month:name>/rows/ settlement/months/<month:name>/batch/
    settlement/months/<month:name>/payments/ settlement/months/<month:name>/closing/
    settlement/months/<month:name>/reopening/ settlement/months/<month:name>/sheets/<str:sheet>
    settlement/months/<month:name>/statement/ settlement/months/<month:name>/check/
    settlement/months/<month:name>/standing/
    settlement/clawbacks/<uuid:uid>/recovery/ settlement/settlements/<uuid:uid>/claim/
    settlement/exceptions/<uuid:uid>/review/ settlement/exceptions/<uuid:uid>/return/ me/data/file/
    audit/ audit/trips/<uuid:uid>/verdicts/ audit/holds/<uuid:uid>/agreement/
    audit/holds/<uuid:uid>/lifting/ audit/exports/<uuid:uid>/file/
    audit/exports/<uuid:uid>/cancellation/ audit/exports/<uuid:uid>/second/
    questions/<uuid:uid>/answer/ settlement/batches/<uuid:uid>/drop/
    settlement/batches/<uuid:uid>/second/ settlement/exceptions/<uuid:uid>/question/
    settlement/work/<uuid:uid>/file/ settlement/exceptions/<uuid:uid>/change/
    settlement/exceptions/<uuid:uid>/no-trip/ settlement/trips/<uuid:uid>/exception/
"""
# Pages of work under way: there while it is done, and looked at where it is.
_UNDER_WAY = "audit/exports/<uuid:uid>/ settlement/work/<uuid:uid>/"
NO_PAGES = frozenset([*_NO_PAGES.split(), *_UNDER_WAY.split()])


@dataclass(frozen=True, slots=True)
class Town:
    """People by name, rows by what they are."""

    people: dict[str, dict[str, str]]
    rows: dict[str, str]

    def address(self, page: str) -> str:
        return page.format(**self.rows)


def town_of(stage: Stage) -> Town:
    """One trip of each kind, and what became of it at the desk."""
    roles = {
        "ada": "traveller",
        "bora": "traveller approver",
        "cora": "traveller approver",
        "felix": "traveller clerk",
        "iris": "auditor",
        "olga": "administrator",
    }
    people = {name: stage("person", name=name.title(), roles=said) for name, said in roles.items()}
    ada, bora, felix = (people[name]["uid"] for name in ("ada", "bora", "felix"))
    # Nothing happens to her: her page is what anybody's is on the morning of a trip.
    # Windows of their own open hers: each asks for a challenge, and one person gets twelve at once.
    people["dora"] = stage("person", name="Dora", roles="traveller")
    for one in (ada, people["dora"]["uid"]):
        stage("consent", person=one)
    stage("trip", traveller=people["dora"]["uid"], approver=bora)

    def trip(**said: object) -> str:
        uid: str = stage("trip", traveller=ada, approver=bora, **said)["uid"]
        return uid

    asked, paid, laid = trip(ordered="no"), trip(days=4), trip(days=3)
    poor, returned = trip(days=2), trip(days=1)
    trip()
    far = trip(days=9, nights=2)
    for one in (paid, laid):
        stage("confirmed", trip=one)
    stage("confirmed", trip=poor, position="refused")
    stage("travelled", trip=returned)
    stage("papers", trip=returned)
    stage("beside", trip=returned, person=bora)
    screen = stage("screen", name="Third floor")
    settled = stage("paid", clerk=felix, trip=paid)
    rows = {
        "asked": asked,
        "paid": paid,
        "poor": poor,
        "returned": returned,
        "far": far,
        "open": stage("laid", clerk=felix, trips=[laid]),
        "settled": settled["batch"],
        "settlement": settled["settlement"],
        "exception": stage("held", clerk=felix, trip=poor),
        **stage("brought_in", clerk=felix, names=["Ada", "Nobody"]),
        "digits": stage("receipt", trip=returned)["text"].partition("#")[2],
        "ada": ada,
        "site": screen["uid"],
        "token": screen["token"],
        "tag": stage("tag", site=screen["uid"], counter=1),
        "host": stage("day_ask", trip=returned),
    }
    stage("passkey", person=ada)
    rows |= stage("corners", ada=ada, bora=bora, olga=people["olga"]["uid"], trip=poor)
    return Town(people, rows)
