"""Projections of weights after each step."""
