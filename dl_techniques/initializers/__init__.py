"""Starting values of weights."""
