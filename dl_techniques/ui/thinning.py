"""Long curves with fewer points: of each stretch of epochs the extremes stay."""

from typing import Any

MOST = 160


def thinned(
    curves: dict[str, list[Any]], names: list[str], most: int = MOST
) -> dict[str, list[Any]]:
    """Returns the epochs and the named curves with about `most` epochs at most.

    The epochs are cut into equal stretches; of each stretch the epochs stay where one
    of the curves is smallest or largest, so that no spike is lost.
    """
    names = [n for n in names if n in curves]
    epochs = curves["epoch"]
    if len(epochs) <= most or not names:
        return {"epoch": epochs, **{n: curves[n] for n in names}}
    stretches = max(1, most // (2 * len(names)))
    kept = {0, len(epochs) - 1}
    for s in range(stretches):
        inside = range(s * len(epochs) // stretches, (s + 1) * len(epochs) // stretches)
        for name in names:
            known = [i for i in inside if curves[name][i] is not None]
            if known:
                kept.add(min(known, key=curves[name].__getitem__))
                kept.add(max(known, key=curves[name].__getitem__))
    order = sorted(kept)
    return {n: [curves[n][i] for i in order] for n in ("epoch", *names)}
