"""What models stored, read once a server and model."""

from pathlib import Path

import streamlit as st

from dl_techniques.analysis.report import AnalysisReport
from dl_techniques.analysis.run_outputs import RunOutputs


@st.cache_resource(show_spinner=False, max_entries=16)
def outputs(folder: str, key: str) -> RunOutputs | None:
    """Returns the answers in a folder, None when there are none.

    Args:
        folder: Where they lie.
        key: Changes when what lies there does.
    """
    try:
        return RunOutputs.load(folder)
    except (OSError, KeyError, ValueError):
        return None


@st.cache_resource(show_spinner=False, max_entries=16)
def report(folder: str, key: str) -> AnalysisReport | None:
    """Returns the analysis in a folder, None when there is none; as `outputs`."""
    try:
        return AnalysisReport.load(Path(folder) / "analysis")
    except (OSError, KeyError, ValueError, TypeError):
        return None
