"""Benchmarks: ``python benchmarks/run.py speed --quick``, and so on.

``accuracy``, ``classes``, ``defaults``, ``scale`` and ``speed`` measure and leave
tables in the output folder, ``report`` makes pages of them. A run that is stopped goes
on where it was.
"""

import argparse
from pathlib import Path

HERE = Path(__file__).parent


def main(arguments=None):
    options = parse(arguments)
    output = options.output or HERE / ("quick" if options.quick else "results")
    output.mkdir(parents=True, exist_ok=True)
    for part in options.parts:
        run(part, options.quick, output)


def run(part, quick, output):
    """One part; each imports what only it needs."""
    if part == "accuracy":
        from accuracy import run_accuracy

        run_accuracy(quick, output)
    elif part == "classes":
        from accuracy import run_classes

        run_classes(quick, output)
    elif part == "defaults":
        from accuracy.defaults import run_defaults

        run_defaults(output)
    elif part == "scale":
        from scale import run_scale

        run_scale(quick, output)
    elif part == "speed":
        from speed import run_speed

        run_speed(quick, output)
    else:
        from report import write_report

        write_report(quick, output)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts",
        nargs="+",
        choices=["accuracy", "classes", "defaults", "scale", "speed", "report"],
    )
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--output", type=Path, help="a folder of tables")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
