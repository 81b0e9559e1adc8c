"""Where keys are: in files, in the environment, or, those of receipts, inside a PKCS#11 module.

With a module the token documents lie in the key folder as ever, without private halves.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import file, variables

if TYPE_CHECKING:
    from .module import Module

FILE, ENVIRONMENT, PKCS11 = "file", "environment", "pkcs11"
_UNCHANGING: file.Version = (0, 0, 0)


def folder() -> Path:
    return Path(settings.KEY_FOLDER)


def name() -> str:
    return str(settings.KEY_PROVIDER)


def read(key: str) -> bytes:
    """The bytes of the key file *key*, wherever this installation keeps it."""
    return variables.read_key(key) if name() == ENVIRONMENT else file.read_key(folder() / key)


def version(key: str) -> file.Version:
    """Another one as soon as it should be read again."""
    if settings.KEY_PROVIDER == ENVIRONMENT:
        return _UNCHANGING
    # As text: every touch and scan asks, and a path costs more than the question.
    return file.version(f"{settings.KEY_FOLDER}/{key}")


def holds(key: str) -> bool:
    """Whether there is anything under this name."""
    if name() == ENVIRONMENT:
        return variables.holds(key)
    return (folder() / key).exists()


def names() -> list[str]:
    """What lies here, by the names of key files."""
    if name() == ENVIRONMENT:
        return variables.names()
    return [path.name for path in folder().iterdir()]


def module() -> Module | None:
    """The module that holds the token keys; none where files or variables do."""
    return _module() if name() == PKCS11 else None


def check_folder() -> None:
    if name() == ENVIRONMENT:
        return
    if not folder().is_dir():
        raise ImproperlyConfigured("no key folder: run `manage.py keys create`")
    if folder().stat().st_mode & 0o077:
        raise ImproperlyConfigured("the key folder is open to others: chmod 700")


def forget() -> None:
    _module.cache_clear()


@cache
def _module() -> Module:
    try:
        # Here and not above: the package is installed where a module is used, and only there.
        kind: type[Module] = import_module("vault.keyring.module").Module
    except ModuleNotFoundError as lacking:
        raise ImproperlyConfigured("pkcs11: install requirements-pkcs11.txt") from lacking
    where = settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN_FILE
    if not all(where):
        raise ImproperlyConfigured("pkcs11: name module, token and PIN file")
    return kind(where[0], where[1], Path(where[2]))
