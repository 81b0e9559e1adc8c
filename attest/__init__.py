"""The core: what a touch shows, what a token says, what a log proves, what a trip pays.

No Django, no clock, no randomness, no network, no files (but its commands): the same
arguments give the same answer on an auditor's laptop that never saw the server.
"""
