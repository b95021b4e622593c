"""Where runs, uploads and caches lie."""

import os
from pathlib import Path


def home_path(home: str | os.PathLike[str] | None = None) -> Path:
    """Returns the folder: `home`, else `DLT_HOME`, else the user's data folder."""
    chosen = home or os.environ.get("DLT_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("dl_techniques"))
