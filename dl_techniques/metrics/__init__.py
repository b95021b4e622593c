"""Metrics that go with the losses."""
