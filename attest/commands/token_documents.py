"""``token keyset new-key|sign|show`` and ``token status sign|show``: token.md §5."""

from __future__ import annotations

import json
import os
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from attest.documents import (
    LARGEST_KEYSET,
    LARGEST_STATUS,
    read_keyset,
    read_status,
    sign_keyset,
    sign_status,
)
from attest.keyfile import (
    PrivateKey,
    new_record,
    public_record,
    read_opening_keys,
    read_root,
    read_sealing_keys,
)
from attest.keys import (
    LIFE_S,
    PROFILES,
    TOKEN_USES,
    Alg,
    Profile,
    RecipientKey,
    SealingKey,
    Use,
    VerifyKey,
    public_half,
)

from .token_arguments import (
    Arguments,
    Unusable,
    hexadecimal,
    read_document,
    read_json,
    read_text,
    whole,
)

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(deeds: _SubParsersAction[Arguments]) -> None:
    keyset = deeds.add_parser("keyset", allow_abbrev=False)
    of_keyset = keyset.add_subparsers(required=True, parser_class=Arguments)

    making = of_keyset.add_parser("new-key", allow_abbrev=False)
    making.add_argument("--use", type=Use, choices=list(Use), required=True)
    making.add_argument("--profile", type=Profile, choices=list(Profile), required=True)
    making.add_argument("--kid", type=hexadecimal, required=True)
    making.add_argument("--nbf", type=whole, required=True)
    making.add_argument("--out", type=Path, required=True)
    making.set_defaults(deed=_new_key)

    signing = of_keyset.add_parser("sign", allow_abbrev=False)
    signing.add_argument("--root", type=Path, required=True)
    _signing(signing)
    signing.set_defaults(deed=_sign_keyset)

    showing = of_keyset.add_parser("show", allow_abbrev=False)
    showing.add_argument("--root", type=Path, required=True)
    showing.add_argument("--host", required=True)
    showing.add_argument("--now", type=whole)
    showing.add_argument("document", type=Path, metavar="keyset.cbor")
    showing.set_defaults(deed=_show_keyset)

    status = deeds.add_parser("status", allow_abbrev=False)
    of_status = status.add_subparsers(required=True, parser_class=Arguments)

    listing = of_status.add_parser("sign", allow_abbrev=False)
    _signing(listing)
    listing.add_argument("ids", type=Path, metavar="ids.json")
    listing.set_defaults(deed=_sign_status)

    looking = of_status.add_parser("show", allow_abbrev=False)
    looking.add_argument("--keys", type=Path, required=True)
    looking.add_argument("--host", required=True)
    looking.add_argument("--now", type=whole)
    looking.add_argument("document", type=Path, metavar="status.cbor")
    looking.add_argument("cti", nargs="?", type=hexadecimal, metavar="CTI")
    looking.set_defaults(deed=_show_status)


def _signing(arguments: Arguments) -> None:
    arguments.add_argument("--keys", type=Path, required=True)
    arguments.add_argument("--host", required=True)
    arguments.add_argument("--seq", type=whole, required=True)
    arguments.add_argument("--at", type=whole)
    arguments.add_argument("--out", type=Path, required=True)


def _new_key(args: Namespace) -> dict[str, object]:
    alg = PROFILES[args.profile][args.use is Use.OPEN]
    record = new_record(
        use=args.use,
        alg=alg,
        kid=args.kid,
        nbf=args.nbf,
        naf=args.nbf + LIFE_S[args.use],
        private_key=_private_key(alg),
    )
    # Never over another key, and from its first byte for its owner alone.
    place = os.open(args.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(place, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.write("\n")
    return {"public": public_record(record)}


def _private_key(alg: Alg) -> PrivateKey:
    if alg is Alg.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if alg is Alg.HPKE_3:
        return x25519.X25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def _sign_keyset(args: Namespace) -> dict[str, object]:
    keys = read_sealing_keys(read_text(args.keys))
    root = _one(read_sealing_keys(read_text(args.root)).sign, Use.KEYSET)
    told = [public_half(key) for key in keys.sign if key.use is not Use.KEYSET]
    everybody: list[VerifyKey | RecipientKey] = [*told, *keys.seal_to]
    at = _now(args.at)
    document = sign_keyset(everybody, root=root, host=args.host, seq=_seq(args), at=at)
    args.out.write_bytes(document)
    return {"seq": args.seq, "iat": at, "count": len(everybody), "bytes": len(document)}


def _show_keyset(args: Namespace) -> dict[str, object]:
    root = read_root(read_text(args.root))
    document = read_document(args.document, most=LARGEST_KEYSET)
    keyset = read_keyset(document, root=root, host=args.host, now=_now(args.now))
    keys: list[VerifyKey | RecipientKey] = [*keyset.verify, *keyset.seal_to]
    shown = [_shown(key) for key in sorted(keys, key=lambda key: key.kid)]
    return {"seq": keyset.seq, "iat": keyset.iat, "count": len(keys), "keys": shown}


def _sign_status(args: Namespace) -> dict[str, object]:
    keys, at = read_sealing_keys(read_text(args.keys)), _now(args.at)
    signer = keys.signer(use=Use.STATUS, at=at)
    ids = _ids(read_json(read_text(args.ids)))
    document = sign_status(ids, signer=signer, host=args.host, seq=_seq(args), at=at)
    args.out.write_bytes(document)
    return {"seq": args.seq, "iat": at, "count": len(ids), "bytes": len(document)}


def _show_status(args: Namespace) -> dict[str, object]:
    keyset = read_opening_keys(read_text(args.keys)).verify
    document = read_document(args.document, most=LARGEST_STATUS)
    status = read_status(document, keyset=keyset, host=args.host, now=_now(args.now))
    shown: dict[str, object] = {"seq": status.seq, "iat": status.iat}
    shown["count"] = len(status)
    if args.cti is not None:
        shown["listed"] = args.cti in status
    return shown


def _now(said: int | None) -> int:
    return int(time.time()) if said is None else said


def _seq(args: Namespace) -> int:
    if args.seq < 1:
        raise Unusable("--seq begins with 1")
    seq: int = args.seq
    return seq


def _one(keys: tuple[SealingKey, ...], use: Use) -> SealingKey:
    found = [key for key in keys if key.use is use]
    if len(found) != 1:
        raise Unusable(f"needs exactly one {use} key")
    return found[0]


def _shown(key: VerifyKey | RecipientKey) -> dict[str, object]:
    use, window = getattr(key, "use", Use.OPEN), key.window
    shown: dict[str, object] = {"kid": key.kid.hex(), "use": use, "alg": key.alg}
    shown |= {"public": key.public.hex(), "nbf": window.nbf, "naf": window.naf}
    if use in TOKEN_USES:
        shown["max_age"] = window.max_age
    if window.withdrawn is not None:
        shown["withdrawn"] = window.withdrawn
    return shown


def _ids(said: object) -> set[bytes]:
    if not isinstance(said, list) or not all(isinstance(cti, str) for cti in said):
        raise Unusable("ids are a list of texts")
    try:
        ids = {hexadecimal(cti) for cti in said}
    except ValueError:
        raise Unusable("an id is 16 hexadecimal digits") from None
    if any(len(cti) != 8 for cti in ids):
        raise Unusable("an id is 16 hexadecimal digits")
    return ids
