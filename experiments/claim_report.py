"""The page of claims: verdicts first, then what was measured."""

import numpy as np

from experiments.claim_runs import Check, Claim, Values, effect, holds

Found = list[tuple[Claim, dict[str, Values]]]
HEAD = """# What the components claim, and what is true

Written by `python -m experiments.claims`: every number comes from training that you
can repeat. A variant is held against the first line of its table seed by seed; the
interval is 95 % of Student's t over {seeds} seeds. *Holds* means that all of it
is on the claimed side, *the reverse* that all of it, of one measure, is on the other,
and *not shown* anything between. These are small networks on small data: they show
that an effect exists there, not how large it is elsewhere. Settings of the claims were
chosen after first results had been seen, so an interval here proves less than one of a
test planned beforehand.
"""


def as_markdown(found: Found, seeds: int) -> str:
    """Returns the page."""
    lines = [HEAD.format(seeds=seeds), "| Claim | Variant | Effect | Verdict |"]
    lines.append("|---|---|---|---|")
    waiting = [(c, n) for c, v in found for n in c.variants if n not in v]
    found = [(c, v) for c, v in found if next(iter(c.variants)) in v and len(v) > 1]
    for claim, values in found:
        for name in list(values)[1:]:
            effects, verdict = judged(claim, values, name)
            lines.append(f"| {claim.title} | {name} | {effects} | {verdict} |")
    for claim, values in found:
        lines += ["", f"## {claim.title}", "", claim.setting, "", *table(claim, values)]
        if claim.reading:
            lines += ["", claim.reading]
    if waiting:
        lines += ["", "## Not measured yet", ""]
        lines += [f"- {claim.title} ({name})" for claim, name in waiting]
    return "\n".join(lines) + "\n"


def judged(claim: Claim, values: dict[str, Values], name: str) -> tuple[str, str]:
    """Returns the effects of a variant and whether the claim holds for it."""
    baseline = values[next(iter(values))]
    told, good, reverse = [], True, False
    for check in claim.checks:
        found = effect(values[name][check.measure], baseline[check.measure])
        good = good and holds(check, found)
        opposite = Check(check.measure, -check.sign, -check.margin)
        reverse = reverse or holds(opposite, found)
        interval = f"[{found.low:+.3f}, {found.high:+.3f}]"
        told.append(f"{check.measure} {found.mean:+.3f} {interval}")
    return "; ".join(
        told
    ), "holds" if good else "the reverse" if reverse else "not shown"


def table(claim: Claim, values: dict[str, Values]) -> list[str]:
    """Returns mean and standard deviation over the seeds of every measure."""
    lines = ["| | " + " | ".join(claim.measures) + " |"]
    lines.append("|---|" + "---|" * len(claim.measures))
    for name, measured in values.items():
        cells = (f"{np.mean(v):.3f} ± {np.std(v):.3f}" for v in measured.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
