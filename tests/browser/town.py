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
    ("ada", "/?trip={returned}"),
    ("ada", "/trips/"),
    ("ada", "/trips/new/"),
    ("ada", "/trips/{paid}/"),
    ("ada", "/trips/{asked}/"),
    ("ada", "/trips/{returned}/receipt/"),
    ("ada", "/trips/{poor}/receipt/"),
    ("ada", "/trips/{returned}/add/"),
    ("ada", "/trips/{returned}/photo/"),
    ("ada", "/trips/{returned}/site-code/"),
    ("ada", "/trips/{returned}/host/"),
    ("bora", "/colleagues/"),
    ("ada", "/trips/{returned}/correct/"),
    ("ada", "/trips/{far}/costs/"),
    ("ada", "/me/"),
    ("ada", "/me/diary/"),
    ("ada", "/me/consents/"),
    ("ada", "/me/devices/"),
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
    ("olga", "/manage/desks/"),
    ("olga", "/manage/sites/"),
    ("olga", "/manage/sites/{site}/"),
    ("iris", "/audit/hosts/"),
)


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
        "felix": "traveller clerk",
        "iris": "auditor",
        "olga": "administrator",
    }
    people = {name: stage("person", name=name.title(), roles=said) for name, said in roles.items()}
    ada, bora, felix = (people[name]["uid"] for name in ("ada", "bora", "felix"))
    stage("consent", person=ada)

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
    return Town(people, rows)
