"""Loss, metrics, optimizer and schedule of a recipe as calls."""

from collections.abc import Mapping
from typing import Any

from dl_techniques import catalog
from dl_techniques.catalog import EntryKind
from dl_techniques.recipes.calls import Call, Expression, call_of
from dl_techniques.recipes.check import Info
from dl_techniques.recipes.components import kind_of, split
from dl_techniques.recipes.objective_check import DEFAULT
from dl_techniques.recipes.schema import Component, OptimizerSpec, Recipe


def loss_call(recipe: Recipe, info: Info, logits: bool) -> Call:
    """Returns the loss; `from_logits` and one-hot targets are taken care of."""
    spec = recipe.loss or Component(name=DEFAULT[info.task])
    entry = catalog.get("loss", spec.name)
    call = _fitted("loss", spec.name, spec.args, logits)
    if entry.one_hot and info.task == "classification":
        target = "dl_techniques.losses.one_hot_targets.OneHotTargets"
        classes = Expression("data.n_outputs", info.n_outputs)
        return Call(target, {"loss": call, "num_classes": classes})
    return call


def _fitted(kind: EntryKind, name: str, args: Mapping[str, Any], logits: bool) -> Call:
    """Returns the call with `from_logits` set, in the losses inside it too."""
    entry = catalog.get(kind, name)
    call = call_of(kind, name, args)
    for argument in entry.arguments:
        value = args.get(argument.name)
        if argument.kind == "component" and kind_of(argument) == "loss" and value:
            inner = _fitted("loss", *split(value), logits)
            call = call.with_args(**{argument.name: inner})
    if entry.from_logits and "from_logits" not in args:
        call = call.with_args(from_logits=logits)
    return call


def metric_calls(recipe: Recipe, info: Info, logits: bool = True) -> list[Call | str]:
    """Returns the metrics: accuracy or mean absolute error, then the recipe's own."""
    own = [_fitted("metric", m.name, m.args, logits) for m in recipe.metrics]
    if info.task == "classification":
        return ["accuracy", *own]
    if info.task == "matching":
        named = any(m.name == "CLIPAccuracy" for m in recipe.metrics)
        first = [] if named else [Call("dl_techniques.metrics.CLIPAccuracy")]
        return [*first, *own]
    entry = catalog.find("loss", recipe.loss.name) if recipe.loss else None
    density = entry is not None and "regression" not in entry.tasks
    return list(own) if density else ["mean_absolute_error", *own]


def optimizer_call(recipe: Recipe, total_steps: int) -> Call:
    """Returns the optimizer with its learning rate or schedule."""
    spec = recipe.optimizer
    call = call_of("optimizer", spec.name, spec.args)
    rate = learning_rate(spec, total_steps)
    return Call(call.target, {"learning_rate": rate, **call.args})


def learning_rate(spec: OptimizerSpec, total_steps: int) -> float | Call:
    """Returns the rate, its schedule, or a warm-up in front of either."""
    warmup = round(spec.warmup_fraction * total_steps)
    rate: float | Call = spec.learning_rate
    if spec.schedule:
        rate = _schedule(spec, spec.schedule, total_steps, warmup)
    if not spec.warmup_fraction:
        return rate
    return Call(
        "dl_techniques.optimization.WarmupSchedule",
        {
            "warmup_steps": Expression("warmup_steps", warmup),
            "primary_schedule": rate,
            "shift_primary": True,
        },
    )


def _schedule(
    spec: OptimizerSpec, schedule: Component, total: int, warmup: int
) -> Call:
    entry = catalog.get("schedule", schedule.name)
    given = dict(schedule.args)
    rest = "(total_steps - warmup_steps)" if spec.warmup_fraction else "total_steps"
    left = total - warmup if spec.warmup_fraction else total

    def steps(fraction: float) -> Expression:
        text = rest[1:-1] if rest[0] == "(" else rest
        text = text if fraction == 1 else f"{fraction!r} * {rest}"
        return Expression(f"max(1, round({text}))", max(1, round(fraction * left)))

    ours = entry.target.startswith("dl_techniques.")
    peak = "learning_rate" if ours else "initial_learning_rate"
    args: dict[str, Any] = {peak: spec.learning_rate}
    for argument in entry.arguments:
        name = argument.name
        value = given.get(name, argument.default)
        other = name.replace("_fraction", "_steps")
        if other != name and entry.argument(other):
            if given.get(other) is None:
                args[other] = steps(value)
        elif name in given and given[name] is not None:
            args[name] = value
    if "boundary_fractions" in args:
        cuts, factors = args.pop("boundary_fractions"), args.pop("factors")
        args.pop("initial_learning_rate")
        args["boundaries"] = [steps(f) for f in _many(cuts)]
        args["values"] = [f * spec.learning_rate for f in _many(factors)]
    return Call(entry.target, args)


def _many(value: Any) -> list[float]:
    return list(value) if isinstance(value, list | tuple) else [value]
