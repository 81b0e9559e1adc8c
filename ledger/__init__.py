"""The one append-only log of the installation, and the diary of who looked at whom."""
