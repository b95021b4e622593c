"""Starts Streamlit so that `app.py` alone decides what the pages are.

Streamlit takes a folder called "pages" for a table of pages until `st.navigation` was
called once; a first visit to an address like /build would then miss the app's frame.
"""

import sys

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    sys.exit(main())
