"""The rule sets that come with the product, as texts. The core opens no file itself."""

from __future__ import annotations

from importlib.resources import files


def shipped() -> list[str]:
    """The TOML texts under ``attest/allowance/sets``, by set and version."""
    sets = files("attest.allowance").joinpath("sets")
    found = [
        (folder.name, file.name, file.read_text(encoding="utf-8"))
        for folder in sets.iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return [text for _, _, text in sorted(found)]
