"""Deep-learning components for Keras 3, their analysis, and a live training app.

Importing this package loads nothing heavy; import the rooms you need, for example
`from dl_techniques.layers import OrthoBlock`.
"""

import logging

__version__ = "0.1.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())
