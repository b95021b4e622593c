"""Figures drawn from analysis results; nothing is computed here."""
