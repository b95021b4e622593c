"""`export`: a recipe or run as script, notebook, YAML, JSON or link."""

import argparse
import sys
from pathlib import Path
from typing import Any, Literal, cast

from dl_techniques.cli.output import emit

FORMATS = ("script", "notebook", "yaml", "json", "link")


def register(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "export", parents=[shared], help="write a recipe or run as code or data"
    )
    command.add_argument("what", help="a recipe file or the id of a run")
    command.add_argument("--format", choices=FORMATS, default="script")
    command.add_argument("-o", "--output", help="file to write (default: print)")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Writes the export."""
    text = _render(_recipe(args.what, args.home), args.format)
    if args.output:
        Path(args.output).write_text(text, encoding="utf-8")
        if args.json:
            emit({"written": args.output, "format": args.format})
    elif args.json:
        emit({"format": args.format, "text": text})
    else:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    return 0


def _recipe(what: str, home: str | None) -> Any:
    from dl_techniques import recipes
    from dl_techniques.tracking import RunStore

    if Path(what).suffix in (".yaml", ".yml", ".json") or Path(what).is_file():
        return recipes.load(what)
    return RunStore(home).recipe(what)


def _render(recipe: Any, form: str) -> str:
    from dl_techniques import recipes

    if form == "link":
        return f"?m={recipes.to_link(recipe)}"
    if form in ("yaml", "json"):
        return recipes.dumps(recipe, cast(Literal["yaml", "json"], form))
    if form == "notebook":
        return recipes.to_notebook(recipe)
    return recipes.to_script(recipe)
