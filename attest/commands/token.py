"""``python -m attest token seal|open|inspect|keyset|status``: token.md §9.

One JSON line on standard output and nothing else there. Exit 0 ok, 1 refused with a
code, 2 unusable: arguments, files, keys. ``--now`` replaces the clock, read only here.
"""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attest.claims import Claims, Location, TripClaims, trip_digest
from attest.documents import (
    LARGEST_KEYSET,
    LARGEST_STATUS,
    StatusList,
    read_keyset,
    read_status,
)
from attest.errors import KeysUnusable, TokenRefused
from attest.keyfile import SealingKeys, read_opening_keys, read_root, read_sealing_keys
from attest.keys import COSE_ALGS, PROFILES, Alg, KeySet, Opener, Profile, Sealer, Use
from attest.token import (
    Opened,
    check_members,
    digits_of,
    inspect_text,
    open_text,
    public_of,
    seal,
    spoken,
    text_of,
)

from . import token_documents
from .token_arguments import (
    Arguments,
    Unusable,
    hexadecimal,
    read_document,
    read_json,
    read_text,
    whole,
)

_MOST_INPUT = 1 << 20
_ALG_NAMES = {number: alg for alg, number in COSE_ALGS.items()}
_CHECK_IN = {"sub", "iat", "cti", "trip", "kind", "device"}
_TRIP = {"sub", "iat", "cti", "trip"}


def run(argv: list[str]) -> int:
    try:
        args = _arguments().parse_args(argv)
        said, status = {"result": "ok"} | args.deed(args), 0
    except TokenRefused as no:
        said, status = _refused(no), 1
    except (Unusable, KeysUnusable, OSError) as no:
        said, status = {"result": "unusable", "why": str(no)}, 2
    sys.stdout.write(json.dumps(said, separators=(",", ":")) + "\n")
    return status


def _arguments() -> Arguments:
    whole_line = Arguments(prog="python -m attest token", allow_abbrev=False)
    deeds = whole_line.add_subparsers(required=True, parser_class=Arguments)

    sealing = deeds.add_parser("seal", allow_abbrev=False)
    sealing.add_argument("--keys", type=Path, required=True)
    sealing.add_argument("--host", required=True)
    sealing.add_argument("--profile", type=Profile, choices=list(Profile))
    sealing.add_argument("--signer", type=hexadecimal)
    sealing.add_argument("--to", type=hexadecimal)
    sealing.add_argument("--test-seed", type=hexadecimal)
    sealing.add_argument("claims", nargs="?", default="-", metavar="CLAIMS.json")
    sealing.set_defaults(deed=_seal)

    opening = deeds.add_parser("open", allow_abbrev=False)
    opening.add_argument("--keys", type=Path, required=True)
    opening.add_argument("--host", required=True)
    opening.add_argument("--keyset", type=Path)
    opening.add_argument("--root", type=Path)
    opening.add_argument("--status", type=Path)
    opening.add_argument("--now", type=whole)
    opening.add_argument("--max-keyset-age", type=whole)
    opening.add_argument("--max-status-age", type=whole)
    opening.add_argument("--members", type=Path)
    opening.add_argument("text", metavar="TEXT")
    opening.set_defaults(deed=_open)

    looking = deeds.add_parser("inspect", allow_abbrev=False)
    looking.add_argument("text", metavar="TEXT")
    looking.set_defaults(deed=_inspect)

    token_documents.add_to(deeds)
    return whole_line


def _refused(no: TokenRefused) -> dict[str, object]:
    return {
        "result": "refused",
        "code": no.why,
        "at": no.at,
        "public": public_of(no.why),
    }


def _seal(args: Namespace) -> dict[str, object]:
    keys = read_sealing_keys(read_text(args.keys))
    claims = _claims(_said(args.claims))
    seed = args.test_seed
    if seed is None:
        seed = os.urandom(32)
    elif len(seed) == 32:
        sys.stderr.write("warning: --test-seed makes a token anybody can make again\n")
    else:
        raise Unusable("a seed is 32 bytes")
    sealer = _sealer(keys, claims, args)
    token = seal(claims, sealer=sealer, seed=seed)
    return {
        "text": text_of(token, sealer.host),
        "digits": digits_of(token),
        "bytes": len(token),
        "cti": claims.cti.hex(),
        "spoken": spoken(sealer.host, claims.cti),
    }


def _sealer(keys: SealingKeys, claims: Claims | TripClaims, args: Namespace) -> Sealer:
    use = Use.TRIP if isinstance(claims, TripClaims) else Use.CHECK_IN
    named = [key for key in keys.sign if key.kid == args.signer]
    if args.signer is not None and not named:
        raise Unusable(f"no signing key {args.signer.hex()}")
    alg, kem = _algs(args.profile, named[0].alg if named else None)
    signer = named[0] if named else keys.signer(use=use, at=claims.iat, alg=alg)
    meant = [key for key in keys.seal_to if key.kid == args.to]
    if args.to is not None and not meant:
        raise Unusable(f"no recipient key {args.to.hex()}")
    to = meant[0] if meant else keys.recipient(at=claims.iat, alg=kem)
    return Sealer(signer, to, args.host)


def _algs(profile: Profile | None, named: Alg | None) -> tuple[Alg, Alg]:
    """The profile asked for; else the named signer's; else the default."""
    if profile is not None and named not in (None, PROFILES[profile][0]):
        raise Unusable(f"the named signer is not of profile {profile}")
    for algs in PROFILES.values():
        if profile is None and named is algs[0]:
            return algs
    return PROFILES[profile or Profile.DEFAULT]


def _claims(said: object) -> Claims | TripClaims:
    if not isinstance(said, dict):
        raise TokenRefused("malformed", at="claims")
    own = "check-in" if "kind" in said else "trip"
    purpose, said = said.get("purpose", own), {**said}
    said.pop("purpose", None)
    if purpose == "check-in":
        return _check_in(said)
    if purpose == "trip":
        return _trip(said)
    raise TokenRefused("malformed", at="claims")


def _check_in(said: dict[str, Any]) -> Claims:
    _only(said, _CHECK_IN, {"location", "flags"})
    spot, location = said.get("location"), None
    if spot is not None:
        spot = _only(spot, {"lat", "lon", "accuracy_m"}, set())
        location = Location(_degrees(spot["lat"]), _degrees(spot["lon"]), spot["accuracy_m"])
    return Claims(
        said["sub"],
        said["iat"],
        _bytes(said["cti"]),
        said["trip"],
        said["kind"],
        _bytes(said["device"]),
        location,
        said.get("flags", 0),
    )


def _trip(said: dict[str, Any]) -> TripClaims:
    if "members" in said:
        _only(said, _TRIP | {"members"}, set())
        members = _members(said["members"])
        count, digest = len(members), trip_digest(members)
    else:
        _only(said, _TRIP | {"count", "digest"}, set())
        count, digest = said["count"], _bytes(said["digest"])
    cti = _bytes(said["cti"])
    return TripClaims(said["sub"], said["iat"], cti, said["trip"], count, digest)


def _only(said: object, must: set[str], may: set[str]) -> dict[str, Any]:
    if not isinstance(said, dict) or not must <= said.keys() <= must | may:
        raise TokenRefused("malformed", at="claims")
    return said


def _degrees(said: object) -> float:
    # JSON writes 127.0 as 127. What is no number, or a huge one, is refused as it stands.
    return float(said) if type(said) is int and abs(said) <= 180 else said  # type: ignore[return-value]


def _bytes(said: object, *, at: str = "claims") -> bytes:
    try:
        return hexadecimal(said) if isinstance(said, str) else b""
    except ValueError:
        raise TokenRefused("malformed", at=at) from None


def _members(said: object) -> list[tuple[int, bytes]]:
    if not isinstance(said, list):
        raise TokenRefused("malformed", at="members")
    for member in said:
        if not isinstance(member, dict) or member.keys() != {"iat", "cti"}:
            raise TokenRefused("malformed", at="members")
    return [(member["iat"], _bytes(member["cti"], at="members")) for member in said]


def _open(args: Namespace) -> dict[str, object]:
    if (args.keyset is None) != (args.root is None):
        raise Unusable("--keyset and --root go together")
    if args.max_keyset_age is not None and args.keyset is None:
        raise Unusable("--max-keyset-age is about --keyset")
    if args.max_status_age is not None and args.status is None:
        raise Unusable("--max-status-age is about --status")
    keys = read_opening_keys(read_text(args.keys))
    members = None if args.members is None else read_json(read_text(args.members))
    now = int(time.time()) if args.now is None else args.now

    keyset = keys.verify if args.keyset is None else _keyset(args, now)
    opener = Opener(keys.open, keyset, args.host)
    status = None if args.status is None else _status(args, keyset, now)
    opened = open_text(_text(args.text), opener=opener, now=now, status=status)
    if members is not None:
        if not isinstance(opened.claims, TripClaims):
            raise Unusable("--members is about a trip token")
        check_members(opened.claims, _members(members))
    ages = {
        "keyset": None if keyset.iat is None else now - keyset.iat,
        "status": None if status is None else now - status.iat,
    }
    return _opened(opened, args.host) | {"age_s": ages}


def _keyset(args: Namespace, now: int) -> KeySet:
    return read_keyset(
        read_document(args.keyset, most=LARGEST_KEYSET),
        root=read_root(read_text(args.root)),
        host=args.host,
        now=now,
        max_age_s=args.max_keyset_age,
    )


def _status(args: Namespace, keyset: KeySet, now: int) -> StatusList:
    return read_status(
        read_document(args.status, most=LARGEST_STATUS),
        keyset=keyset,
        host=args.host,
        now=now,
        max_age_s=args.max_status_age,
    )


def _opened(opened: Opened, host: str) -> dict[str, object]:
    kids = {"sign": opened.signed_by.hex(), "open": opened.opened_by.hex()}
    return {
        "purpose": opened.purpose,
        "claims": _shown(opened.claims),
        "kids": kids,
        "spoken": spoken(host, opened.claims.cti),
    }


def _shown(claims: Claims | TripClaims) -> Mapping[str, object]:
    shown: dict[str, object] = {
        "sub": claims.sub,
        "iat": claims.iat,
        "cti": claims.cti.hex(),
    }
    if isinstance(claims, TripClaims):
        own = {"count": claims.count, "digest": claims.digest.hex()}
        return shown | {"trip": claims.trip} | own
    if claims.location is not None:
        spot = claims.location
        shown["location"] = {
            "lat": spot.lat,
            "lon": spot.lon,
            "accuracy_m": spot.accuracy_m,
        }
    own = {"kind": claims.kind, "device": claims.device.hex(), "flags": claims.flags}
    return shown | {"trip": claims.trip} | own


def _inspect(args: Namespace) -> dict[str, object]:
    seen = inspect_text(_text(args.text))
    return {
        "host": seen.host,
        "characters": seen.characters,
        "bytes": seen.size,
        "alg": _ALG_NAMES.get(seen.alg, seen.alg),
        "kid": seen.kid.hex(),
        "ek": seen.ek.hex(),
        "ciphertext": seen.ciphertext_size,
    }


def _text(said: str) -> str:
    if said != "-":
        return said
    # What is not UTF-8 is not ASCII either, and is refused as any other noise.
    heard = sys.stdin.buffer.read(_MOST_INPUT).decode(errors="replace")
    return heard.removesuffix("\n")


def _said(name: str) -> object:
    return read_json(_text("-") if name == "-" else read_text(Path(name)))
