"""`claims`: what components claim and what training says of it."""

import argparse
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dl_techniques.cli.output import emit, table

PAGE, RUNNER = Path("docs") / "claims.md", Path("experiments") / "claims.py"
_COLUMNS = ("claim", "variant", "effect", "verdict")


def register(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "claims",
        parents=[shared],
        help="what components claim and what training says; --run tries it again",
    )
    command.add_argument(
        "--run",
        dest="again",
        nargs="?",
        const="",
        metavar="NAME",
        help="train the variants of one claim, or of all; docs/ stays as it is",
    )
    command.add_argument("--seeds", type=int, default=5, help="seeds of each variant")
    command.add_argument("--cache", help="folder of values already measured")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the table of claims, after measuring anew if that is asked for."""
    if args.again is None:
        text = _found(PAGE).joinpath(PAGE).read_text(encoding="utf-8")
        _print(text, as_json=args.json)
        return 0
    names = [args.again] if args.again else []
    options = ["--seeds", str(args.seeds), "--print"]
    if args.cache:
        options += ["--cache", str(Path(args.cache).resolve())]
    done = subprocess.run(  # noqa: S603  # our own module; argparse checks the name
        [sys.executable, "-m", "experiments.claims", *names, *options],
        cwd=_found(RUNNER),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        return 2 if done.returncode == 2 else 1  # 2: argparse has named the input
    _print(done.stdout, as_json=args.json)
    return 0


def _found(part: Path) -> Path:
    """Returns the checkout that has this file.

    Raises:
        ValueError: If there is none: the experiments are no part of the package.
    """
    spec = importlib.util.find_spec("dl_techniques")
    own = Path(str(spec.origin)).parents[1] if spec else Path.cwd()
    for root in (Path.cwd(), own):
        if (root / part).is_file():
            return root
    raise ValueError(
        f"claims need a checkout of the project: no {part.as_posix()} here or beside "
        "the package. Start the command in the checkout's folder"
    )


def rows_of(page: str) -> Iterator[tuple[str, ...]]:
    """Yields the cells of each line of the page's first table."""
    lines = page.splitlines()
    start = next((i for i, li in enumerate(lines) if li.startswith("|---")), len(lines))
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            return
        yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def _print(page: str, *, as_json: bool) -> None:
    rows = list(rows_of(page))
    waiting = page.partition("## Not measured yet")[2].split("\n- ")[1:]
    if as_json:
        found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        emit({"claims": found, "not_measured": [w.strip() for w in waiting]})
        return
    last = ""
    for claim, variant, effect, verdict in rows:
        if claim != last:
            print(f"\n{claim}" if last else claim)
            last = claim
        print(f"  {verdict:<12} {variant}: {effect}")
    counts = [(v, sum(r[3] == v for r in rows)) for v in _VERDICTS]
    print()
    table(("verdict", "variants"), [*counts, ("not measured", len(waiting))])


_VERDICTS = ("holds", "not shown", "the reverse")
