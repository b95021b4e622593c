"""`python -m dl_techniques.pretrained verify [--offline | --all]`."""

import argparse
import logging
import sys

from dl_techniques.pretrained.checkpoints import tags_of
from dl_techniques.pretrained.listings import Listing, listings, proof
from dl_techniques.pretrained.rules import TABLES


def main(arguments: list[str] | None = None) -> int:
    """Proves names and shapes, or downloads and loads; returns 1 where one fails."""
    parser = argparse.ArgumentParser(prog="python -m dl_techniques.pretrained")
    verify = parser.add_subparsers(required=True).add_parser(
        "verify", help="check that public checkpoints fit the models"
    )
    verify.add_argument("--offline", action="store_true", help="names and shapes only")
    verify.add_argument("--all", action="store_true", help="every model, not one each")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    known = [e for e in listings() if e.family in TABLES]
    return _offline(known) if given.offline else _online(known, every=given.all)


def _offline(known: list[Listing]) -> int:
    failed = 0
    for entry in known:
        report = proof(entry)
        failed += not report.fits
        said = "fits" if report.fits else report.problems()
        sys.stdout.write(f"{entry.name}: {said}\n")
    return min(failed, 1)


def _online(known: list[Listing], *, every: bool) -> int:
    from dl_techniques.models import registry

    failed, seen = 0, set()
    for entry in known:
        variant = registry.model_card(entry.name)["variant"]
        if (entry.family in seen and not every) or not tags_of(entry.family, variant):
            continue
        seen.add(entry.family)
        try:
            report = registry.create_model(entry.name).load_pretrained("imagenet")
            sys.stdout.write(f"{entry.name}\n{report}\n")
        except (OSError, ValueError) as error:
            failed += 1
            sys.stdout.write(f"{entry.name}: {error}\n")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
