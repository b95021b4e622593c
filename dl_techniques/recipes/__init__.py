"""Recipes: typed, versioned, as YAML, link or code."""
