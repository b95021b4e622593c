"""`serve`: opens the app."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

APP = Path(__file__).parents[2] / "app.py"


def register(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Adds the command."""
    command = commands.add_parser("serve", parents=[shared], help="open the app")
    command.add_argument("--host", default="localhost", help="address to listen on")
    command.add_argument("--port", type=int, default=8501)
    command.add_argument("--no-browser", action="store_true", help="open no browser")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs the server until it is stopped."""
    if not APP.exists():
        raise ValueError(f"the app is started from a clone: {APP.name} is missing")
    environment = dict(os.environ)
    if args.home:
        environment["DLT_HOME"] = str(Path(args.home).resolve())
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(APP)),
        *("--server.address", args.host, "--server.port", str(args.port)),
    ]
    if args.no_browser or not _has_screen():
        command += ["--server.headless", "true"]
    os.chdir(APP.parent)
    if sys.platform == "win32":  # there `exec` would give the terminal back at once
        return subprocess.call(command, env=environment)  # noqa: S603  # our own program
    os.execve(sys.executable, command, environment)  # noqa: S606  # signals reach it
    raise AssertionError("not reached")


def _has_screen() -> bool:
    on_desktop = sys.platform in ("darwin", "win32")
    return on_desktop or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
