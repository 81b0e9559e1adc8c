"""Write the lock files from the names in pyproject.toml: `python3 scripts/lock.py`.

Every wheel of every version is named by its hash, for Python 3.11 and later, and no
line names an index: where packages come from is the business of the machine.
Versions already locked stay; `--upgrade` lets them move.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEV = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
PKCS11 = ROOT / "requirements-pkcs11.txt"


def locker(room: Path) -> list[str]:
    """The resolver, in an environment of its own: the product does not depend on it."""
    subprocess.run([sys.executable, "-m", "venv", room], check=True)
    subprocess.run([room / "bin/pip", "install", "--quiet", "uv"], check=True)
    return [str(room / "bin/uv"), "pip", "compile", "--quiet", "--universal"]


def lock(uv: list[str], out: Path, *groups: str) -> str:
    command = [
        *uv, "--python-version=3.11", "--fork-strategy=fewest", "--generate-hashes",
        "--no-header", "--no-annotate", "--no-emit-index-url", "--no-config",
        *(f"--group=pyproject.toml:{group}" for group in groups),
        f"--output-file={out}", *sys.argv[1:],
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    return out.read_text()


def requirements(text: str) -> list[str]:
    """One piece for each package: its pin and its hashes."""
    return re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        uv = locker(Path(place, "venv"))
        runtime = requirements(lock(uv, RUNTIME, "runtime"))
        for file, groups in ((PKCS11, ["pkcs11"]), (DEV, ["pkcs11", "dev"])):
            everything = Path(place, file.name)
            everything.write_text(RUNTIME.read_text() + pins(file))
            both = requirements(lock(uv, everything, "runtime", *groups))
            file.write_text("-r requirements.txt\n" + "".join(r for r in both if r not in runtime))


def pins(file: Path) -> str:
    return file.read_text().partition("\n")[2] if file.is_file() else ""


if __name__ == "__main__":
    main()
