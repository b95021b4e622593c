"""CPU time of the analysis, side by side with weightwatcher, torchmetrics and netcal.

Run with: PYTHONPATH=. python benchmarks/analysis.py [--quick]
"""

import argparse

from threadpoolctl import threadpool_limits

from benchmarks.peers import analysis_calibration, analysis_spectra


def main() -> None:
    """Prints both tables and fails when a bound is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="small models only")
    quick = parser.parse_args().quick
    with threadpool_limits(limits=1):
        analysis_calibration.main()
        analysis_spectra.main(quick=quick)


if __name__ == "__main__":
    main()
