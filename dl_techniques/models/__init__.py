"""Full models, one module or package per architecture."""
