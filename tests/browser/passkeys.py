"""Virtual authenticators, by the browser's own protocol. One belongs to one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page


@dataclass(frozen=True, slots=True)
class Passkeys:
    """What the chip of a phone does for *page*."""

    cdp: CDPSession
    id: str

    @classmethod
    def of(cls, page: Page, *known: dict[str, str], synced: str = "no") -> Passkeys:
        """An authenticator for *page*, holding the *known* credentials."""
        cdp = page.context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            "defaultBackupEligibility": synced == "yes",
            "defaultBackupState": synced == "yes",
        }
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        keys = cls(cdp, made["authenticatorId"])
        for credential in known:
            keys.put(credential)
        return keys

    def put(self, credential: dict[str, str]) -> None:
        said = {"isResidentCredential": True, "rpId": "localhost", "signCount": 0, **credential}
        self._send("addCredential", credential=said)

    def forget(self) -> None:
        """The phone was exchanged: its passkeys are gone."""
        self._send("clearCredentials")

    def count(self) -> int:
        return len(self._send("getCredentials")["credentials"])

    def _send(self, deed: str, **said: Any) -> Any:
        return self.cdp.send(f"WebAuthn.{deed}", {"authenticatorId": self.id, **said})
