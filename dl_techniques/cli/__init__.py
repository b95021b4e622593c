"""The command line: `python -m dl_techniques <command>`.

Exit codes: 0 done; 1 the run failed or diverged; 2 bad input; 130 interrupted.
"""

import argparse
from collections.abc import Sequence

from dl_techniques.cli import (
    analyze,
    catalog,
    claims,
    export,
    runs,
    serve,
    train,
)
from dl_techniques.cli.output import fail

COMMANDS = (train, analyze, runs, export, catalog, claims, serve)


def parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="dl_techniques",
        description="Train recipes, compare runs and take the code home.",
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--home", help="data directory (default: DLT_HOME or the user's)"
    )
    shared.add_argument("--json", action="store_true", help="print JSON, nothing else")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    for module in COMMANDS:
        module.register(commands, shared)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    args = parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except KeyboardInterrupt:
        return 130
    except (ValueError, KeyError, OSError) as error:
        return fail(error, as_json=args.json)
    return code
