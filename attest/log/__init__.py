"""The one append-only log: what a leaf says, how it is counted, who vouches.

strict64   base64 with one spelling for each value
leaf       one recorded deed, as bytes
merkle     the tree over the leaves: proofs, made and checked
tiles      the tree as files of 256 hashes
note       signed text
trust      trust file, key rotation
proof      checkpoint, tlog-proof, receipt

Salts, times and bytes come in as arguments: the same ones give the same log.
"""
