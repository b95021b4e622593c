"""Every public layer, importable from one place."""
