"""Keys everybody has: those of the published test vectors. No installation starts with one.

Each is named by the SHA-256 of its public half, for P-256 the uncompressed point; a
symmetric one by that of its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from django.core.exceptions import ImproperlyConfigured

PUBLISHED = frozenset(
    bytes.fromhex(digest)
    for digest in (
        # tests/vectors/token
        "0ded25632c49380e106c588ac95a5e5d61f5b3f12da946a215f4b242646e7829",
        "24f6ed6acbfe1009c030d7ca567c33ca4830911498236b5561a6c82abec5de28",
        "4269889431e3131966fcaf6a457141943ed2c35b5b917ae62cb339546f523551",
        "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c",
        "67ca2ffd6fe9efab3d76e37c34990a5a33edc52062f0ecbd0938acc91af7a425",
        "6b55cbcb8643f1dae4b31e74aa4354eb52a71850621391dcd6b205a4fe9c4e2f",
        "7b212f5cbec0b6902df870910bdd368cd57351504945cf20ed2a348af50d8ad1",
        "7b2611661c16c5a4415da30c34ef165266e5249de9b260f57dcdae0d7c0cf648",
        "8a508eff1f4df68f4731b9d672f75f3c68b5781f5a7c47499b71fbc0edf8842b",
        "94474de9ebfa477fdb3b3ea7274b32d7b0bb8f47e24e1099ad8b11c8ca425303",
        "b29aa48510644db4d89abf0bd19b787549ed77e6c9ce391551808ac209224ad5",
        # evidence.md §2.4: of site codes, and as tags leave their factory
        "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd",
        "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb",
        # tests/vectors/log
        "00ac7144d9a42189d6420380f98bd159fe7814cfe684f655fa4888564e6c0610",
        "0650fd9eed6c1526bbd82cec3a7545d41c22b9a8b857d72539147abfefab56ea",
        "20be160bda80c24594bea6c764a0b629d2b8fd26a22984793fdc417bf1238894",
        "44f99ae8ff0b7c0adb566fa8a0cbe3c7e2aac9269e5b111fed3126d4cddf8931",
        "462620f3f39802b349754a0010fae65e30bc2a3458c4ffc1283b6c3c705c12c2",
        "7648f86957714888875d33bf3ef4a0a466943abec77ae5a1a768cefbf5eb6c80",
        "817b96f27c57329eb35026c7ebbdcf808626ddbb65525df482af4112794c9df5",
        "b348962977d3988cc6f148c7ff419fc90745f0f5f8e6f9a6d4121bb930cbdb89",
        "d4e047ae837cc6d0aacc08ba31bbaddb69f903f6c66d85332689f43fc54bd116",
    )
)


def refuse(keys: Iterable[bytes]) -> None:
    if any(sha256(key).digest() in PUBLISHED for key in keys):
        raise ImproperlyConfigured("a test key, known to everybody: run `manage.py keys create`")
