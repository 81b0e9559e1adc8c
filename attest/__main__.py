"""``python -m attest COMMAND …``: the core, as a program that needs no server.

Each command is ``attest.commands.<name>`` with one function
``run(argv: list[str]) -> int``; what it returns is the exit status.
"""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = ("token", "evidence", "allowance", "log", "bundle")


def main(argv: list[str]) -> int:
    if not argv or argv[0] not in COMMANDS:
        sys.stderr.write(f"usage: python -m attest {{{'|'.join(COMMANDS)}}} …\n")
        return 2
    # Named, not imported above: all but `token` run on bare python3,
    # where the libraries that `token` needs may be missing.
    try:
        command = import_module(f"attest.commands.{argv[0]}")
    except ModuleNotFoundError as missing:
        sys.stderr.write(f"{argv[0]}: needs the package {missing.name}\n")
        return 2
    status: int = command.run(argv[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
