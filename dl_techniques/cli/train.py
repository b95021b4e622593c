"""`train`: trains a recipe here, without the app."""

import argparse
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dl_techniques.cli.output import emit, table


def register(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "train", parents=[shared], help="train a recipe and store the run"
    )
    command.add_argument("recipe", help="a recipe file, YAML or JSON")
    command.add_argument("--epochs", type=int, help="instead of the recipe's")
    command.add_argument("--seed", type=int, help="instead of the recipe's")
    command.add_argument(
        "--backend",
        choices=("tensorflow", "jax", "torch"),
        help="instead of the recipe's; KERAS_BACKEND does the same",
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Trains, shows the progress, and returns 0 unless the run failed."""
    from dl_techniques import recipes
    from dl_techniques.training import train_here

    recipe, warnings = recipes.loads_with_warnings(_read(args.recipe))
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    recipe = _override(recipe, args)
    problems = recipes.check(recipe)
    if problems:
        raise recipes.RecipeError(problems)
    with tqdm(
        total=recipe.training.epochs, unit="epoch", disable=args.json, file=sys.stderr
    ) as bar:

        def progress(epoch: int, values: dict[str, float]) -> None:
            bar.set_postfix({k: f"{v:.4g}" for k, v in list(values.items())[:4]})
            bar.update(epoch - bar.n)

        record = train_here(recipe, home=args.home, progress=progress)
    if args.json:
        emit(
            {
                "run": record.id,
                "status": record.status,
                "reason": record.reason,
                "epochs": record.epoch,
                "last": record.last,
                "best": record.best,
            }
        )
    else:
        print(f"{record.id}: {record.status} {record.reason}".rstrip())
        table(("metric", "last"), sorted(record.last.items()))
    return 0 if record.status in ("finished", "stopped") else 1


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a text file") from None


def _override(recipe: Any, args: argparse.Namespace) -> Any:
    given = {
        key: getattr(args, key)
        for key in ("epochs", "seed", "backend")
        if getattr(args, key) is not None
    }
    if not given:
        return recipe
    data = recipe.model_dump(mode="json")
    data["training"].update(given)
    return type(recipe).model_validate(data)
