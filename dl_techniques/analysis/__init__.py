"""Pure functions from arrays to frozen results."""
