"""`runs`, `show` and `compare`: what was trained."""

import argparse
import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dl_techniques.cli import analyze
from dl_techniques.cli.output import emit, table


def register(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Adds the commands."""
    listing = commands.add_parser("runs", parents=[shared], help="list runs")
    listing.add_argument("--status", help="only runs with this status")
    listing.add_argument("--limit", type=int, default=50)
    listing.set_defaults(run=list_runs)
    show = commands.add_parser("show", parents=[shared], help="show one run")
    show.add_argument("run_id")
    show.set_defaults(run=show_run)
    compare = commands.add_parser(
        "compare", parents=[shared], help="put runs or saved models side by side"
    )
    compare.add_argument(
        "run_ids", nargs="+", metavar="run", help="ids of runs, or .keras files"
    )
    analyze.add_options(compare)
    compare.set_defaults(run=compare_runs)


def list_runs(args: argparse.Namespace) -> int:
    """Prints the newest runs."""
    records = [
        r
        for r in _store(args).list(limit=args.limit)
        if args.status in (None, r.status)
    ]
    if args.json:
        emit([dataclasses.asdict(r) for r in records])
        return 0
    rows = (
        (r.id, r.name, r.status, f"{r.epoch}/{r.epochs}", r.dataset, _when(r.created))
        for r in records
    )
    table(("id", "name", "status", "epoch", "dataset", "created"), rows)
    return 0


def show_run(args: argparse.Namespace) -> int:
    """Prints one run: status, reason, last and best values, recipe."""
    from dl_techniques import recipes

    store = _store(args)
    record, recipe = store.get(args.run_id), store.recipe(args.run_id)
    if args.json:
        emit({**dataclasses.asdict(record), "recipe": recipe.model_dump(mode="json")})
        return 0
    print(f"{record.name} ({record.id}): {record.status} {record.reason}".rstrip())
    print(f"epoch {record.epoch} of {record.epochs} on {record.device or 'no device'}")
    table(
        ("metric", "last", "best"),
        ((k, v, record.best.get(k)) for k, v in sorted(record.last.items())),
    )
    print()
    print(recipes.dumps(recipe, "yaml"))
    return 0


def compare_runs(args: argparse.Namespace) -> int:
    """Prints what differs between the runs, then their values."""
    from dl_techniques import recipes

    if args.data or any(i.endswith(".keras") for i in args.run_ids):
        args.models = args.run_ids
        return analyze.run(args)
    store = _store(args)
    records = [store.get(i) for i in args.run_ids]
    flat = [recipes.flatten(store.recipe(i)) for i in args.run_ids]
    keys = sorted({k for f in flat for k in f})
    differs = {
        k: [f.get(k) for f in flat] for k in keys if len({f.get(k) for f in flat}) > 1
    }
    names = sorted({k for r in records for k in r.last})
    values = {k: [r.last.get(k) for r in records] for k in names}
    if args.report:
        _report(args.report, store, records, differs, values)
    if args.json:
        emit({"runs": args.run_ids, "differs": differs, "last": values})
        return 0
    table(("differs", *args.run_ids), ((k, *v) for k, v in differs.items()))
    print()
    table(("last value", *args.run_ids), ((k, *v) for k, v in values.items()))
    return 0


def _report(
    path: str, store: Any, records: list[Any], differs: Any, values: Any
) -> None:
    """Writes the page that compares runs."""
    from dl_techniques.analysis import AnalysisReport, RunOutputs
    from dl_techniques.tracking import history_of
    from dl_techniques.visualization.run_report import runs_html

    histories: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    reports: dict[str, Any] = {}
    for record in records:
        name = analyze.free_name(record.name, histories)
        histories[name] = history_of(store, record.id)
        folder = store.fetch(record.id)
        if (folder / "predictions.npz").exists():
            outputs[name] = RunOutputs.load(folder)
        if (folder / "analysis" / "report.json").exists():
            reports[name] = AnalysisReport.load(folder / "analysis")
    page = runs_html(differs, values, histories, outputs, reports)
    Path(path).write_text(page, encoding="utf-8")


def _store(args: argparse.Namespace) -> Any:
    from dl_techniques.tracking import RunStore

    return RunStore(args.home)


def _when(value: Any) -> str:
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC)
    return value.astimezone().strftime("%Y-%m-%d %H:%M") if value else "-"
