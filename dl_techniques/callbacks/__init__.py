"""Keras callbacks that components need."""
