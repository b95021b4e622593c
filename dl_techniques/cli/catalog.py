"""`catalog`: what can be combined."""

import argparse
import dataclasses
from typing import Any, get_args

from dl_techniques import catalog
from dl_techniques.catalog import Entry, EntryKind
from dl_techniques.cli.output import emit, table


def register(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "catalog", parents=[shared], help="list components, or explain one"
    )
    command.add_argument("name", nargs="?", help="a component to explain")
    command.add_argument("--kind", choices=get_args(EntryKind))
    command.add_argument("--family")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the entries that fit."""
    found = [
        e
        for e in catalog.entries(args.kind)
        if args.family in (None, e.family) and args.name in (None, e.name, *e.aliases)
    ]
    if args.name and not found:
        catalog.get(args.kind or "layer", args.name)  # raises, with close names
    if args.json:
        emit([dataclasses.asdict(e) for e in found])
    elif args.name:
        for entry in found:
            _explain(entry)
    else:
        table(
            ("kind", "family", "name", "summary"),
            ((e.kind, e.family, e.name, e.summary) for e in found),
        )
    return 0


def _explain(entry: Entry) -> None:
    print(f"{entry.name} ({entry.kind}, {entry.family}) - {entry.target}")
    print(entry.summary)
    for label, text in (
        ("source", entry.source),
        ("accepts", ", ".join(entry.accepts)),
        ("tasks", ", ".join(entry.tasks)),
        ("watch", entry.look_at),
    ):
        if text:
            print(f"{label}: {text}")
    print()
    table(
        ("argument", "default", "legal", "meaning"),
        (
            (a.name, "required" if a.required else repr(a.default), a.rule(), a.help)
            for a in entry.arguments
        ),
    )
