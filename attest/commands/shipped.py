"""Rule sets and weights that come with the product, as texts. The core opens no file itself."""

from __future__ import annotations

from importlib.resources import files

# The newest version in attest/weights; the older ones recompute old verdicts.
NEWEST_WEIGHTS = "2026.11-1"


def weights_text(version: str = NEWEST_WEIGHTS) -> str:
    """The shipped weights of *version*; ``FileNotFoundError`` if none are shipped by that name."""
    return files("attest").joinpath("weights", f"{version}.json").read_text(encoding="utf-8")


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
