"""The one door for keys (``keyring``) and for sealed personal fields (``sealed``)."""
