"""The push service of a browser's maker, on this machine, and the browser behind it.

It judges a request as RFC 8030, 8188, 8291 and 8292 have it, by code of its own, and hands what
came to a browser that opens it with the private half nobody else has.
"""

from __future__ import annotations

import json
import ssl
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from hmac import digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_bytes, token_hex
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from django.utils import timezone


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(slots=True)
class Browser:
    """One that subscribed: it alone opens what is sealed to it."""

    url: str
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    auth: bytes = field(default_factory=lambda: token_bytes(16))

    @property
    def point(self) -> bytes:
        public = self.key.public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def open(self, body: bytes) -> bytes:
        """RFC 8291 section 3.4 and RFC 8188 section 2, from the receiver's side."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender)
        first = digest(self.auth, self.key.exchange(ECDH(), theirs), "sha256")
        ikm = digest(first, b"WebPush: info\0" + self.point + sender + b"\1", "sha256")
        prk = digest(salt, ikm, "sha256")
        key = digest(prk, b"Content-Encoding: aes128gcm\0\1", "sha256")[:16]
        nonce = digest(prk, b"Content-Encoding: nonce\0\1", "sha256")[:12]
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        return plain.rstrip(b"\0").removesuffix(b"\2")


@dataclass(slots=True)
class PushService:
    """Everything is taken until a test says otherwise."""

    origin: str
    host: str
    certificate: Path
    status: int = 201
    location: str = ""
    sender: bytes = b""
    browsers: dict[str, Browser] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    asked: int = 0

    def subscribe(self) -> Browser:
        path = f"/send/{token_hex(12)}"
        self.browsers[path] = Browser(self.origin + path)
        return self.browsers[path]

    def judge(self, path: str, headers: Any, body: bytes) -> int:
        self.asked += 1
        if self.status != 201:
            return self.status
        if path not in self.browsers:
            return 404
        assert headers["Content-Encoding"] == "aes128gcm"
        assert 0 < int(headers["TTL"]) <= 2_419_200
        assert len(body) <= 4_096
        assert len(headers["Topic"]) <= 32
        self.signed(headers["Authorization"])
        self.heard.append(json.loads(self.browsers[path].open(body)))
        self.topics.append(headers["Topic"])
        return 201

    def signed(self, said: str) -> None:
        """RFC 8292 sections 2 and 3."""
        scheme, _, rest = said.partition(" ")
        parts = dict(one.strip().split("=", 1) for one in rest.split(","))
        head, claims, signature = parts["t"].split(".")
        told = json.loads(unb64(claims))
        raw, point = unb64(signature), unb64(parts["k"])
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(der, f"{head}.{claims}".encode(), ECDSA(SHA256()))
        assert scheme == "vapid"
        assert json.loads(unb64(head)) == {"typ": "JWT", "alg": "ES256"}
        assert told["aud"] == self.origin
        assert told["sub"].startswith(("https:", "mailto:", "http://localhost"))
        self.sender = sha256(point).digest()


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    certificate, key = _certificate(folder)
    service: list[PushService] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(service[0].judge(self.path, self.headers, body))
            if service[0].location:
                self.send_header("Location", service[0].location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing: its lines would stand between those of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate, key)
    server.socket = trust.wrap_socket(server.socket, server_side=True)
    host = f"localhost:{server.server_port}"
    service.append(PushService(f"https://{host}", host, certificate))
    Thread(target=server.serve_forever, daemon=True).start()
    yield service[0]
    server.shutdown()
    server.server_close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=400))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    paths = folder / "push.pem", folder / "push.key"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths
