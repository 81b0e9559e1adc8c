"""Build ``verifier.html``: the verifier as one page for any browser, the same bytes every time.

Python as WebAssembly lies in it beside the very ``attest.pyz`` of this release, so that page and
command line cannot say different things. Its policy lets nothing in and nothing out.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / "scripts" / "verifier"
PYTHON = ROOT / "node_modules" / "pyodide"
# Of the version in package-lock.json: other bytes would be another release.
PARTS = {
    "pyodide.mjs": "6f1d60f7bf529beb300f0f47983c921d3982363640ba20af0e38efdddbc66109",
    "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
    "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
    "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
}
POLICY = (
    "default-src 'none'; script-src {script} blob: 'wasm-unsafe-eval'; worker-src blob:; "
    "style-src {style}; img-src data:; base-uri 'none'; form-action 'none'"
)


class Missing(Exception):
    """A part of Python is not there, or is not the one that was looked at."""


def build_page(target: Path, *, core: bytes) -> str:
    """Write *target* around *core*, the bytes of ``attest.pyz``, and say its SHA-256."""
    script = _text("page.js")
    style = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8") + _text("page.css")
    parts = _python() | {
        "attest.pyz": core,
        "judge.py": _text("judge.py").encode(),
        "worker.js": _text("worker.js").encode(),
    }
    policy = POLICY.format(script=_allowed(script), style=_allowed(style))
    filled = {"policy": policy, "style": style, "script": script, "parts": _laid(parts)}
    page = _text("page.html")
    for name, text in filled.items():
        page = page.replace(f"@{name}@", text)
    target.write_text(page, encoding="utf-8")
    return sha256(target.read_bytes()).hexdigest()


def _python() -> dict[str, bytes]:
    found = {}
    for name, digest in PARTS.items():
        path = PYTHON / name
        found[name] = path.read_bytes() if path.is_file() else b""
        if sha256(found[name]).hexdigest() != digest:
            raise Missing(f"{name} is missing or another one: make node_modules/installed")
    # Which packages there would be to fetch: none.
    info = json.loads((PYTHON / "pyodide-lock.json").read_bytes())["info"]
    found["lock.json"] = json.dumps({"info": info, "packages": {}}, sort_keys=True).encode()
    return found


def _laid(parts: dict[str, bytes]) -> str:
    """Bytes the browser does not run by itself."""
    return "\n".join(
        f'<script type="application/octet-stream" data-part="{name}">'
        f"{b64encode(raw).decode()}</script>"
        for name, raw in sorted(parts.items())
    )


def _allowed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return (OURS / name).read_text(encoding="utf-8")
