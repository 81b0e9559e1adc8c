"""A time-stamp authority of the test's own, by openssl: a root, a stamping key, a desk."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CONFIG = """
[tsa]
default_tsa = desk
[desk]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[stamps]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = CA:FALSE
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[req]
distinguished_name = nobody
[nobody]
"""


@dataclass(frozen=True, slots=True)
class Authority:
    folder: Path

    @classmethod
    def founded(cls, folder: Path) -> Self:
        folder.mkdir()
        (folder / "conf").write_text(CONFIG.format(folder=folder), encoding="utf-8")
        (folder / "serial").write_text("01\n", encoding="utf-8")
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "conf"]
        root = ["-x509", "-days", "3650", "-extensions", "root", "-subj", "/CN=Test root"]
        _openssl(folder, "req", *root, *new, "-keyout", "ca.key", "-out", "ca.pem")
        asked = ["-subj", "/CN=Test stamps", "-keyout", "tsa.key", "-out", "tsa.csr"]
        _openssl(folder, "req", *new, *asked)
        signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650"]
        given = ["-extfile", "conf", "-extensions", "stamps", "-in", "tsa.csr", "-out", "tsa.pem"]
        _openssl(folder, "x509", "-req", *signed, *given)
        return cls(folder)

    @property
    def root(self) -> Path:
        return self.folder / "ca.pem"

    def stamp(self, query: Path) -> Path:
        token = query.with_suffix(".tsr")
        files = ["-queryfile", str(query), "-out", str(token)]
        _openssl(self.folder, "ts", "-reply", "-config", "conf", "-section", "desk", *files)
        return token


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
