"""``kill -9`` under load: of the sequencer, the application and the database (``make crash``)."""
