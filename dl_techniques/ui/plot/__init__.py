"""The figure that keeps its zoom while its data change."""

from dl_techniques.ui.plot.live_figure import live_figure, serve_plotly

__all__ = ["live_figure", "serve_plotly"]
