from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import Person, StepUp
from accounts.services.revoke_device import revoke_device
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer, challenge_of, encoded
from attest.errors import BatchChanged, RecordMalformed, StepUpRefused
from tests.authenticator import BE, BS, SoftAuthenticator
from tests.conftest import NOON, phone_of

BATCH = sha256(b"37 rows, 4212000 won").digest()


def use(person: Person, said: dict[str, Any], **other: Any) -> StepUp:
    answer = Answer.read(said)
    asked: dict[str, Any] = {"action": "settle", "batch_hash": BATCH, "now": NOON} | other
    return use_step_up(person, step_up_uid=answer.uid, proof=answer.proof, **asked)


def ask(key: SoftAuthenticator, **other: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"action": "settle", "batch_hash": BATCH, "now": NOON} | other
    return key.step_up(**asked)


def test_a_signature_over_this_deed_and_this_batch_is_used_once(felix: Person) -> None:
    said = ask(SoftAuthenticator(felix).enrol())

    assert use(felix, said).used_at == NOON
    with pytest.raises(StepUpRefused):
        use(felix, said)


def test_the_challenge_is_the_one_the_specification_draws(felix: Person) -> None:
    ask(SoftAuthenticator(felix).enrol())
    asked = StepUp.objects.get()

    drawn = b"tripseal/step-up/1\0settle\0" + BATCH + bytes(asked.nonce)
    assert challenge_of(asked) == sha256(drawn).digest()


def test_it_lives_five_minutes_and_not_a_second_longer(felix: Person) -> None:
    key = SoftAuthenticator(felix).enrol()

    last = NOON + timedelta(minutes=5)
    assert use(felix, ask(key), now=last).used_at == last
    with pytest.raises(StepUpRefused):
        use(felix, ask(key), now=NOON + timedelta(minutes=5, seconds=1))
    with pytest.raises(StepUpRefused):
        use(felix, ask(key), now=NOON - timedelta(seconds=1))


def test_a_batch_that_changed_after_the_signature_is_refused(felix: Person) -> None:
    said = ask(SoftAuthenticator(felix).enrol())

    with pytest.raises(BatchChanged):
        use(felix, said, batch_hash=bytes(32))
    assert use(felix, said).used_at == NOON


def test_a_signature_for_one_deed_does_not_serve_another(felix: Person) -> None:
    with pytest.raises(StepUpRefused):
        use(felix, ask(SoftAuthenticator(felix).enrol()), action="export")


def test_a_step_up_of_somebody_else_is_refused(felix: Person, mallory: Person) -> None:
    said = ask(SoftAuthenticator(felix).enrol())

    with pytest.raises(StepUpRefused):
        use(mallory, said)


def test_an_answer_to_another_question_is_refused(felix: Person) -> None:
    key = SoftAuthenticator(felix).enrol()
    one, other = ask(key), ask(key)

    with pytest.raises(StepUpRefused):
        use(felix, one | {"proof": other["proof"]})


def test_without_a_finger_nothing_is_settled(felix: Person) -> None:
    with pytest.raises(StepUpRefused):
        use(felix, ask(SoftAuthenticator(felix, uv=False).enrol()))


def test_a_synced_passkey_settles_only_in_a_demonstration(felix: Person, settings: Any) -> None:
    key = SoftAuthenticator(felix).enrol()
    key.flags |= BE | BS  # it began to be synced

    with pytest.raises(StepUpRefused):
        use(felix, ask(key))
    settings.DEMO = True
    assert use(felix, ask(key)).used_at == NOON


def test_a_revoked_passkey_settles_nothing(felix: Person) -> None:
    key = SoftAuthenticator(felix).enrol()
    revoke_device(key.device, by=felix, now=NOON)

    with pytest.raises(StepUpRefused):
        use(felix, ask(key))


def test_an_unknown_step_up_is_refused(felix: Person) -> None:
    said = ask(SoftAuthenticator(felix).enrol()) | {"id": str(uuid4())}

    with pytest.raises(StepUpRefused):
        use(felix, said)


@pytest.mark.parametrize("nothing", ["", None, {}])
def test_a_form_without_script_is_asked_for_its_passkey(nothing: Any) -> None:
    with pytest.raises(StepUpRefused):
        Answer.read(nothing)


@pytest.mark.parametrize(
    "noise",
    ["x", "[]", "[" * 99_999, "{}x", '{"id": 1}', {"id": str(UUID(int=1)), "proof": "x"}],
)
def test_a_noisy_answer_is_malformed(noise: Any) -> None:
    with pytest.raises(RecordMalformed):
        Answer.read(noise)


def test_the_answer_may_travel_as_text(felix: Person) -> None:
    said = ask(SoftAuthenticator(felix).enrol())

    assert Answer.read(json.dumps(said)) == Answer.read(said)


def test_the_api_asks_about_this_batch_and_names_live_passkeys_only(felix: Person) -> None:
    live = SoftAuthenticator(felix).enrol()
    SoftAuthenticator(felix).enrol()
    body = {"action": "settle", "batch_hash": encoded(BATCH)}

    said = phone_of(felix).post("/api/v1/step-ups", body, format="json").json()

    asked = StepUp.objects.get(uid=said["id"])
    assert bytes(asked.batch_hash) == BATCH
    assert len(said["credential_ids"]) == 1
    assert said["credential_ids"] == [live.sign(bytes(32))["credential_id"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_hash": "00"},
        {"batch_hash": encoded(BATCH) + "="},
        {"batch_hash": "_" * 43},
        {"action": "Settle"},
        {"action": "a" * 31},
        {"action": "settle 1"},
    ],
)
def test_a_question_of_another_shape_is_refused(felix: Person, wrong: dict[str, str]) -> None:
    body = {"action": "settle", "batch_hash": encoded(BATCH)} | wrong

    assert phone_of(felix).post("/api/v1/step-ups", body, format="json").status_code == 400
    assert not StepUp.objects.exists()


def test_nobody_anonymous_is_asked(db: None) -> None:
    body = {"action": "settle", "batch_hash": encoded(BATCH)}

    assert APIClient().post("/api/v1/step-ups", body, format="json").status_code in {401, 403}
