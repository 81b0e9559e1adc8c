"""How often a phone may ask and touch: more than any traveller needs ."""

from __future__ import annotations

from accounts.limits import Bucket

RECEIPT = Bucket("receipt", 30, 60)
CHALLENGE = Bucket("challenge", 12, 60)
# Ten at once, six a minute after that.
TOUCH = Bucket("touch", 10, 100)
# Pictures are opened here: some seconds of a processor each.
UPLOAD = Bucket("upload", 20, 120)
SITE_CODE = Bucket("site-code", 10, 60)
HOST_ASK = Bucket("host-ask", 10, 60)
# A new code whenever somebody wants one.
PRESENT = Bucket("present", 30, 60)
