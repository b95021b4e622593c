"""The figure that keeps its zoom while its data change."""

from dl_techniques.ui.plot.live_figure import live_figure, preload, serve_files

__all__ = ["live_figure", "preload", "serve_files"]
