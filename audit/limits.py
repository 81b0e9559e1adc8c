"""How often an auditor may take something away."""

from __future__ import annotations

from accounts.limits import Bucket

EXPORT = Bucket("export", 5, 3600)
# One's own records are a long document.
RECORDS = Bucket("records", 10, 3600)
