"""How a ratio is told: its median and spread, its limit, and how busy the machine was."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

OUT = Path(__file__).resolve().parent.parent / "build/bench"


def machine() -> str:
    cores, load = os.cpu_count(), os.getloadavg()[0]
    return f"{cores} cores, load {load:.1f}, Python {platform.python_version()}"


def note(name: str, ratios: Sequence[float]) -> None:
    """Print a figure that has no limit to meet."""
    sys.stdout.write(
        f"{name:<44} {median(ratios):6.3f}  ({min(ratios):.3f} to {max(ratios):.3f})\n"
    )


def tell(name: str, ratios: Sequence[float], *, limit: float, at_least: bool = True) -> None:
    """Print one ratio, and keep it in ``build/bench/``."""
    middle = median(ratios)
    met = middle >= limit if at_least else middle <= limit
    sign = "≥" if at_least else "≤"
    sys.stdout.write(
        f"{name:<44} {middle:6.3f}  ({min(ratios):.3f} to {max(ratios):.3f})"
        f"  limit {sign} {limit:g}  {'met' if met else 'NOT MET'}\n"
    )
    said = {"name": name, "ratios": list(ratios), "limit": limit, "met": met, "on": machine()}
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / f"{name.replace(' / ', '-over-').replace(', ', '-').replace(' ', '-')}.json"
    file.write_text(json.dumps(said, indent=1) + "\n")
