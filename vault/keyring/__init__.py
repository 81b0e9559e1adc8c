"""Every key of the installation, through one door.

A key folder (0700) holds, each file 0600 or 0400 and owned by whoever runs us:

    session.key fingerprint.key blind-index.key field-kek.key ticket.key   32 bytes each
    site-code.key                                               32 bytes, evidence.md §2.4
    ticket-UNTIL.key site-code-UNTIL.key       what these were before they were renewed
    nfc-meta-BATCH.key nfc-file-BATCH.key                       16 bytes, a pair a batch of tags
    sealing-keys.json opening-keys.json                                    token.md §5
    log-ed25519.pem log-p256.pem receipt-ed25519.pem receipt-p256.pem
    export-ed25519.pem                                                     PKCS#8
    vapid-p256.pem                               PKCS#8, where web push is switched on
    log-ed25519.next.pem …         heirs of these five, while they take over (``heirs``)
    receipt-p256.handover.txt …    what the log has still to say of it
    log-vkeys.txt      in place of the two log keys, where another process signs the log

The root lies beside them from ``keys create`` until it is taken away
(``root-sealing-keys.json``; its public half, ``root.json``, stays), and a copy of the last
KeySet (``keyset.cbor``): no server reads any of them.
Keys come to be by ``manage.py keys`` alone. What is missing or readable by others stops the
start with one line; nothing here ever makes a key up.

The two token files, the two keys that are renewed and those of log, receipts and exports are read
again when they change, so that a rotation needs no restart.
``providers`` says where all this may lie instead: in variables, or inside a PKCS#11 module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from attest.errors import KeysAway, KeysUnusable
from attest.keyfile import (
    SealingKeys,
    private_halves,
    read_opening_keys,
    read_root,
    read_sealing_keys,
)
from attest.keys import (
    PROFILES,
    Agrees,
    Opener,
    Profile,
    RecipientKey,
    Sealer,
    SealingKey,
    Use,
    VerifyKey,
)
from attest.lease import Lent, context_of, wrap
from attest.log.note import Kind, SigningKey, VerifyingKey
from attest.nfc_tag import TagKeys
from vault.web_push import point_of

from . import file, heirs, known, providers, renewed

Keys = TypeVar("Keys")

_FOR_GOOD = ("session", "fingerprint", "blind-index", "field-kek")
SYMMETRIC = (*_FOR_GOOD, *renewed.STAYS_S)
SEALING, OPENING, ROOT = "sealing-keys.json", "opening-keys.json", "root.json"
ROOT_SEALING = "root-sealing-keys.json"
DOCUMENTS = (SEALING, OPENING)
LOG_PEMS = heirs.LOG_PEMS
LOG_VKEYS = "log-vkeys.txt"
RECEIPT_PEMS, EXPORT_PEM = heirs.RECEIPT_PEMS, heirs.EXPORT_PEM
PUSH_PEM = "vapid-p256.pem"
PEMS = (*LOG_PEMS, *RECEIPT_PEMS, EXPORT_PEM)
_TAGS = "nfc-meta-"
# A version of the product has exactly one suite of algorithms.
SUITE = "TS1-P256-SHA256-A256GCM"
VALIDATED, VALIDATED_KO = "not a KCMVP-validated module", "KCMVP 검증필 아님"


def forget() -> None:
    """Read the folder afresh at the next use (tests, and after ``keys create``)."""
    kept = (_symmetric, _tag_key, _sealing_as, _opener_as, _sealer, _vkeys_as, root, push_signer)
    for reader in kept:
        reader.cache_clear()
    heirs.forget()
    providers.forget()
    renewed.forget()


def check() -> None:
    """Read every key once, and refuse the start if one is missing, open or doubled."""
    providers.check_folder()
    seen = [_symmetric(name) for name in _FOR_GOOD]
    seen += [key for name in renewed.STAYS_S for key in renewed.every(name)]
    seen += [key for pair in every_tag_key().values() for key in pair.both]
    # A pair is known by its public half: of P-256 the point, at the end of what a log key tells.
    seen += [key.public for key in sealing().sign] + [key.public for key in _openers()]
    coming = [heir for role in heirs.PEMS for heir in heirs.heirs(role)]
    signed = [one.verifying for one in (*receipt_signers(), export_signer(), *coming)]
    seen += [key.material[-65:] for key in (*log_keys(), *signed)]
    if pushing := push_signer():
        seen.append(point_of(pushing.public_key()))
    if len(set(seen)) != len(seen):
        raise ImproperlyConfigured("two keys share their bytes: run `manage.py keys create`")
    known.refuse([*seen, *(key.public for key in sealing().seal_to)])


def fingerprint_key() -> bytes:
    return _symmetric("fingerprint")


def blind_index_key() -> bytes:
    return _symmetric("blind-index")


def field_kek() -> bytes:
    return _symmetric("field-kek")


def ticket_key() -> bytes:
    """What tickets are marked with now."""
    return renewed.in_use("ticket")


def ticket_keys(at: datetime) -> tuple[bytes, ...]:
    """What a ticket that comes in at *at* may be marked with."""
    return renewed.standing("ticket", at=int(at.timestamp()))


def site_code_key() -> bytes:
    """What codes of places are made with now."""
    return renewed.in_use("site-code")


def site_code_keys(at: datetime) -> tuple[bytes, ...]:
    """What a code that was read at *at* may be made with."""
    return renewed.standing("site-code", at=int(at.timestamp()))


def tag_keys(batch: str) -> TagKeys:
    """The two keys in the tags of *batch*: they came to be by ``manage.py keys tags``."""
    return TagKeys(_tag_key(f"nfc-meta-{batch}"), _tag_key(f"nfc-file-{batch}"))


def every_tag_key() -> dict[str, TagKeys]:
    """By batch, of all whose keys lie here."""
    names = sorted(name for name in providers.names() if name.startswith(_TAGS))
    batches = [name.removeprefix(_TAGS).removesuffix(".key") for name in names]
    return {batch: tag_keys(batch) for batch in batches}


def sealer(*, at: int, use: Use = Use.CHECK_IN) -> Sealer:
    """The newest keys for *use* whose windows hold *at* (seconds since 1970)."""
    keys = sealing()
    alg, kem = PROFILES[Profile.DEFAULT]
    signer, to = keys.signer(use=use, at=at, alg=alg), keys.recipient(at=at, alg=kem)
    return _sealer(signer, to)


def lend(*, desk: bytes, until: int, dice: Callable[[int], bytes]) -> list[Lent]:
    """The opening keys of the default profile, each wrapped for the one *desk* (token.md §10)."""
    if not settings.KEYS_OPEN or providers.module():
        raise KeysAway("this server has no opening key to lend")
    halves = _read(private_halves, OPENING)
    return [
        wrap(
            private,
            kid=kid,
            public=public,
            desk=desk,
            context=context_of(host=settings.HOST, kid=kid, until=until, desk=desk),
            ikm=dice(32),
            nonce=dice(12),
        )
        for kid, (public, private) in halves.items()
    ]


def status_signer(*, at: int) -> SealingKey:
    """Who signs the status list at *at*."""
    return sealing().signer(use=Use.STATUS, at=at)


def opener() -> Opener:
    """Who opens receipts; KeysAway on a server that only seals."""
    if not settings.KEYS_OPEN:
        raise KeysAway("this server only seals")
    return _opener_as(providers.version(OPENING))


def sealing() -> SealingKeys:
    return _sealing_as(providers.version(SEALING))


@cache
def root() -> VerifyKey:
    """Whom the KeySet must be signed by."""
    return _read(read_root, ROOT)


def log_signers() -> tuple[SigningKey, ...]:
    """Both keys of the log; every checkpoint carries both lines (log.md §2)."""
    return heirs.signers()


def log_heirs() -> tuple[SigningKey, ...]:
    """Who will sign in their place, once a rotation that was begun stands in the log."""
    return heirs.heirs()


def log_keys() -> tuple[VerifyingKey, ...]:
    """Their public halves: of the keys here, or as the signer's own process has printed them."""
    if settings.SIGNER:
        return _log_vkeys()
    return tuple(signer.verifying for signer in log_signers())


def receipt_signers() -> tuple[SigningKey, ...]:
    """Both keys of log receipts: the promise to a traveller that a leaf will stand in the log."""
    return heirs.signers("receipt")


def export_signer() -> SigningKey:
    """The key under every bundle for auditors (log.md §11)."""
    return heirs.signers("export")[0]


@cache
def push_signer() -> EllipticCurvePrivateKey | None:
    """Who sends notices to browsers; none where this installation sends none."""
    return heirs.p256(PUSH_PEM) if providers.holds(PUSH_PEM) else None


def _log_vkeys() -> tuple[VerifyingKey, ...]:
    if any(map(providers.holds, (*LOG_PEMS, *map(heirs.heir_of, LOG_PEMS)))):
        raise ImproperlyConfigured("another process signs the log: its keys have no place here")
    return _vkeys_as(providers.version(LOG_VKEYS))


@lru_cache(maxsize=1)
def _vkeys_as(version: file.Version) -> tuple[VerifyingKey, ...]:
    del version
    return _read(_vkeys, LOG_VKEYS)


def _vkeys(text: str) -> tuple[VerifyingKey, ...]:
    keys = tuple(VerifyingKey.parse(line) for line in text.splitlines())
    if [key.kind for key in keys] != [Kind.ED25519, Kind.ECDSA_P256]:
        raise KeysUnusable("two keys, Ed25519 first, as `ledger_signer --public` prints them")
    return keys


def _openers() -> Sequence[Agrees]:
    """Every opening key; a server that only seals must not even hold one."""
    if settings.KEYS_OPEN:
        return opener().keys
    if providers.holds(OPENING):
        raise ImproperlyConfigured("this server only seals: opening-keys.json has no place here")
    return ()


@cache
def _symmetric(name: str) -> bytes:
    key = providers.read(f"{name}.key")
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name}.key: a key is 32 bytes")
    return key


@cache
def _tag_key(name: str) -> bytes:
    key = providers.read(f"{name}.key")
    if len(key) != 16:
        raise ImproperlyConfigured(f"{name}.key: a key of tags is 16 bytes")
    return key


# One version of a document is kept: the older one is never asked for again.
@lru_cache(maxsize=1)
def _sealing_as(version: file.Version) -> SealingKeys:
    del version
    return _read(partial(read_sealing_keys, hands=providers.module()), SEALING)


@lru_cache(maxsize=1)
def _opener_as(version: file.Version) -> Opener:
    del version
    keys = _read(partial(read_opening_keys, hands=providers.module()), OPENING)
    return Opener(keys.open, keys.verify, settings.HOST)


@lru_cache(maxsize=8)
def _sealer(signer: SealingKey, to: RecipientKey) -> Sealer:
    # Everything but the message is worked out once: a touch should not wait for it.
    return Sealer(signer, to, settings.HOST)


def _read(reader: Callable[[str], Keys], name: str) -> Keys:
    try:
        return reader(providers.read(name).decode("utf-8"))
    except (KeysUnusable, UnicodeDecodeError) as wrong:
        raise ImproperlyConfigured(f"{name}: {wrong}") from wrong
