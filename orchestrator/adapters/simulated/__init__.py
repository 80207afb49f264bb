"""One fake for each port, in one small world without containers. Serves ``--dry-run`` and the unit tests."""
