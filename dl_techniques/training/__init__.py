"""Runs recipes in compute processes."""
