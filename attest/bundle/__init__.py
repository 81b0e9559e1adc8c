"""The auditor's bundle (log.md §11): a whole stretch of the log, checked far from its server.

    README.ko.txt README.en.txt report.html     words and sums; no code anywhere inside
    request.json                                who asked for what, and why
    data/leaves.jsonl                           the bound truth: one canonical line a leaf
    data/leaves.csv leaves.xlsx lines.csv       views, every cell of which can be rebuilt
    proof/checkpoint entries.bin range.json     the signed head, the leaves, the way up to it
    proof/support.jsonl                         single leaves from outside the stretch
    proof/checkpoint.since consistency          only where it continues an older one
    proof/anchors/                              what others saw, and when
    rules/ keys/                                to compute again; to compare, never to trust
    bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt
    datapackage.json export.dsse.json           columns and types; the signature over both

``write`` makes one, ``verify`` judges one. Reading needs the standard library alone.
"""

from __future__ import annotations
