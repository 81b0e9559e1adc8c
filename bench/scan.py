"""How often a harmed code is still read: thirteen harms, 36 seeds, two readers not ours.

    python -m bench.scan [FOLDER]    with a folder: one picture of each harm in it, to look at

A code counts as read where either reader gives its text. Another text than the one that
was drawn is worse than none, and must never come.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from bench.harms import HARMS, Grey, image
from bench.report import machine, tell
from trips.qr import QUIET, matrix

SEEDS = 36
LIMIT = 0.95
VECTORS = Path(__file__).resolve().parent.parent / "tests/vectors/token/valid.json"


def sample() -> tuple[str, Grey]:
    """The first vector: its text, and its modules with the quiet zone around them."""
    text: str = json.loads(VECTORS.read_text())["vectors"][0]["text"]
    light = np.array([[0.0 if module == "1" else 1.0 for module in row] for row in matrix(text)])
    return text, np.pad(light, QUIET, constant_values=1.0)


def zxing(picture: Image.Image) -> set[str]:
    found = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return {code.text for code in found if code.valid}


def zbar(picture: Image.Image) -> set[str]:
    found = pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])
    return {code.data.decode(errors="replace") for code in found}


READERS = {"zxing-cpp": zxing, "zbar": zbar}


def main(folder: Path | None) -> None:
    text, code = sample()
    wrong = 0
    rates: dict[str, dict[str, float]] = {}
    sys.stdout.write(f"scans: {machine()}; {SEEDS} of each harm\n")
    for number, (name, harm) in enumerate(HARMS.items()):
        read: Counter[str] = Counter()
        for seed in range(SEEDS):
            picture = image(harm(code, np.random.default_rng([number, seed])))
            if folder and not seed:
                picture.save(folder / f"{number:02}.png")
            said = {reader: look(picture) for reader, look in READERS.items()}
            read.update(reader for reader, texts in said.items() if text in texts)
            read["either"] += any(text in texts for texts in said.values())
            wrong += sum(len(texts - {text}) for texts in said.values())
        rates[name] = {reader: read[reader] / SEEDS for reader in ("either", *READERS)}
        shown = "  ".join(f"{reader} {rate:6.1%}" for reader, rate in rates[name].items())
        sys.stdout.write(f"  {name:<28} {shown}\n")
    for reader in READERS:
        mean = sum(rate[reader] for rate in rates.values()) / len(rates)
        sys.stdout.write(f"  {reader} alone: {mean:.1%}\n")
    either = [rate["either"] for rate in rates.values()]
    tell("codes read, either reader", [sum(either) / len(either)], limit=LIMIT, at_least=True)
    name = "print of 30 mm at 150 dpi"
    tell(f"codes read, {name}", [rates[name]["either"]], limit=LIMIT, at_least=True)
    tell("codes read as another text", [wrong], limit=0, at_least=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
