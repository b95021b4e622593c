"""The run store, a thin room over MLflow."""
