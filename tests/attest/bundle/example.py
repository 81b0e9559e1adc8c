"""``python -m tests.attest.bundle.example``: writes the bundle that the documentation shows."""

from __future__ import annotations

from pathlib import Path

from .town import Town, trust

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def main() -> None:
    town = Town()
    town.found()
    town.whole_trip()
    town.look()
    town.beat()
    (EXAMPLES / "bundle.zip").write_bytes(town.bundle())
    (EXAMPLES / "bundle-trust.txt").write_text(trust().text(), encoding="utf-8")


if __name__ == "__main__":
    main()
