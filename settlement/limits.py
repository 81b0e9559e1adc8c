"""How often a clerk may scan, and try a receipt number."""

from __future__ import annotations

from accounts.limits import Bucket

VERIFY = Bucket("verify", 120, 60)
# A receipt number is 55 bits; at this pace nobody meets one by trying.
TYPED = Bucket("typed", 10, 60)
# A desk asks every third day; more often somebody is trying.
LEASE = Bucket("lease", 6, 3600)
