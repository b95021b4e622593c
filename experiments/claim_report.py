"""The page of claims: verdicts first, then what was measured."""

import numpy as np

from experiments.claim_runs import Claim, Values, effect, holds

Found = list[tuple[Claim, dict[str, Values]]]
HEAD = """# What the components claim, and what is true

Written by `python -m experiments.claims`: every number comes from training that you
can repeat. A variant is held against the first line of its table seed by seed; the
interval is 95 % of Student's t over {seeds} seeds. *Holds* means that all of it
is on the claimed side, *not shown* that it is not. These are small networks on small
data: they show that an effect exists there, not how large it is elsewhere.
"""


def as_markdown(found: Found, seeds: int) -> str:
    """Returns the page."""
    lines = [HEAD.format(seeds=seeds), "| Claim | Variant | Effect | Verdict |"]
    lines.append("|---|---|---|---|")
    for claim, values in found:
        for name in list(values)[1:]:
            effects, verdict = judged(claim, values, name)
            lines.append(f"| {claim.title} | {name} | {effects} | {verdict} |")
    for claim, values in found:
        lines += ["", f"## {claim.title}", "", claim.setting, "", *table(claim, values)]
        if claim.reading:
            lines += ["", claim.reading]
    return "\n".join(lines) + "\n"


def judged(claim: Claim, values: dict[str, Values], name: str) -> tuple[str, str]:
    """Returns the effects of a variant and whether the claim holds for it."""
    baseline = values[next(iter(values))]
    told, good = [], True
    for check in claim.checks:
        found = effect(values[name][check.measure], baseline[check.measure])
        good = good and holds(check, found)
        interval = f"[{found.low:+.3f}, {found.high:+.3f}]"
        told.append(f"{check.measure} {found.mean:+.3f} {interval}")
    return "; ".join(told), "holds" if good else "not shown"


def table(claim: Claim, values: dict[str, Values]) -> list[str]:
    """Returns mean and standard deviation over the seeds of every measure."""
    lines = ["| | " + " | ".join(claim.measures) + " |"]
    lines.append("|---|" + "---|" * len(claim.measures))
    for name, measured in values.items():
        cells = (f"{np.mean(v):.3f} ± {np.std(v):.3f}" for v in measured.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
