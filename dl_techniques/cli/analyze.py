"""`analyze`: looks at saved models from outside and inside."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dl_techniques.cli.output import emit, table
from dl_techniques.utils.validation import check


def register(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "analyze", parents=[shared], help="analyse saved models or runs"
    )
    command.add_argument(
        "models", nargs="+", metavar="model", help=".keras files or ids of runs"
    )
    add_options(command)
    command.set_defaults(run=run)


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds what `analyze` and `compare` of files share."""
    command.add_argument("--data", help="data set; a run brings its own")
    command.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="option of the data set, for example train_size=0.5",
    )
    command.add_argument("--report", help="HTML file to write")
    command.add_argument("--save", help="folder for numbers and tables")
    command.add_argument("--sections", help="names with commas in between")
    command.add_argument("--samples", type=int, default=2000)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--seconds", type=float, help="stop after so long")


def run(args: argparse.Namespace) -> int:
    """Analyses, prints the table of metrics, and writes what was asked for."""
    models, histories, data, options = _sources(args)
    check(bool(data), "data", "the name of a data set", data)
    from dl_techniques.training.analyze import analyze_models

    def progress(done: int, total: int, text: str) -> None:
        if not args.json and sys.stderr.isatty():
            print(f"\r{done}/{total} {text:60}", end="", file=sys.stderr)

    report = analyze_models(
        models,
        data,
        options=options,
        samples=args.samples,
        seed=args.seed,
        what=[s.strip() for s in args.sections.split(",")] if args.sections else None,
        time_budget=args.seconds,
        histories=histories,
        progress=progress,
    )
    written = _write(args, report)
    return _tell(args, report, written)


def _sources(args: argparse.Namespace) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Returns models, histories, data set and options of files and runs."""
    models: dict[str, str] = {}
    histories: dict[str, Any] = {}
    data, options = args.data, _options(args.option)
    for given in args.models:
        if given.endswith(".keras"):
            models[free_name(Path(given).stem, models)] = given
            continue
        from dl_techniques.tracking import RunStore, history_of

        store = RunStore(args.home)
        record = store.get(given)
        name = free_name(record.name, models)
        models[name] = str(store.fetch(given) / "model.keras")
        histories[name] = history_of(store, given)
        if data is None:
            spec = store.recipe(given).dataset
            data = spec.name
            options = spec.model_dump(exclude={"name"}) | options
    return models, {k: v for k, v in histories.items() if v}, data, options


def free_name(name: str, taken: Mapping[str, Any]) -> str:
    """Returns the name, numbered when it is taken."""
    number, wanted = 2, name
    while name in taken:
        name, number = f"{wanted} ({number})", number + 1
    return name


def _options(given: list[str]) -> dict[str, Any]:
    from dl_techniques.datasets import KNOBS

    known = {k.name for k in KNOBS} | {"seed"}
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        check(bool(equals), "option", "NAME=VALUE", text)
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = value
        if name in known:
            found[name] = parsed
        else:
            found.setdefault("options", {})[name] = parsed
    return found


def _write(args: argparse.Namespace, report: Any) -> list[str]:
    written = []
    if args.save:
        written.append(str(report.save(args.save)))
    if args.report:
        from dl_techniques.visualization.report import report_html

        Path(args.report).write_text(report_html(report), encoding="utf-8")
        written.append(args.report)
    return written


def _tell(args: argparse.Namespace, report: Any, written: list[str]) -> int:
    errors = {f"{s} of {m}": e for (s, m), e in report.errors.items()}
    if args.json:
        emit({"metrics": report.metrics(), "errors": errors, "written": written})
    else:
        print(file=sys.stderr)
        frame = report.compare()
        table(
            ("metric", *report.models),
            ((m, *(float(v) for v in frame[m])) for m in frame.columns),
        )
        for where, error in errors.items():
            print(f"failed: {where}: {error}", file=sys.stderr)
        for path in written:
            print(f"written: {path}")
    answered = bool(report.performance or report.weights or report.spectra)
    return 0 if answered else 1
