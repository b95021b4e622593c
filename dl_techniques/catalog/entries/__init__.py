"""One file a family, each with its `ENTRIES`."""
