"""How often an auditor may take something away."""

from __future__ import annotations

from accounts.limits import Bucket

EXPORT = Bucket("export", 5, 3600)
