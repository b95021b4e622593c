"""Streamlit widgets and panels; the only room that imports streamlit."""
