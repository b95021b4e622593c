"""Entry point of `python -m dl_techniques`."""

import sys

from dl_techniques.cli import main

if __name__ == "__main__":
    sys.exit(main())
