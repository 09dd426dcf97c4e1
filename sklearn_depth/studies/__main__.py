"""Run a study from a TOML file, see how far it is, and report on it.

    python -m sklearn_depth.studies run CONFIG.toml --jobs 2
    python -m sklearn_depth.studies status CONFIG.toml
    python -m sklearn_depth.studies plot CONFIG.toml

``run`` writes results.csv beside the file, and keeps each cell in .cells as soon as it
ends: run again after a crash, it goes on. ``--quick`` takes the small size, in a folder
of its own. A file names functions to call, and .cells has pickles: run none that you do
not trust. The exit status is 1 if every cell failed, and 2 for a slip in the file.
"""

import argparse
import sys
from pathlib import Path

import joblib

from sklearn_depth.studies._config import read_study
from sklearn_depth.studies._engine import How, carry_out, rows_known
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._slips import Slip, in_one_line
from sklearn_depth.studies._store import open_store


def run(study, n_jobs):
    """Measure what is missing, and write the table."""
    with in_one_line():
        store, table = open_store(study.memory), known(study)
    with joblib.parallel_config("loky", inner_max_num_threads=1):
        result = carry_out(study.plan, store, How(n_jobs, verbose=1), known=table)
    result.save(study.table)
    n_failed = sum(bool(error) for error in result.columns["error"])
    failed = f", {n_failed} of which failed" if n_failed else ""
    print(f"{len(result)} cells are in {study.table}{failed}.")
    return int(n_failed == len(result))


def status(study, n_jobs):
    """Say how many cells are finished."""
    with in_one_line():
        store, table = open_store(study.memory), known(study)
    rows = rows_known(study.plan, table)
    cells = study.plan.cells
    done = sum(
        row is not None or cell.key in store
        for row, cell in zip(rows, cells, strict=True)
    )
    print(f"{done} of {len(cells)} cells are finished.")
    return 0


def plot(study, n_jobs):
    """Draw or write what the study is about, from its table."""
    if not study.table.exists():
        raise Slip(f"There is no {study.table}. Run the study first.")
    with in_one_line():
        result = StudyResult.load(study.table)
    study.report(result, study.table)
    return 0


def known(study):
    """The table, for functions whose arguments say all; learners go by their cells."""
    if not study.reuses_table or not study.table.exists():
        return None
    table = StudyResult.load(study.table)
    settings = study.plan.config["settings"]
    former = table.config.get("settings", settings)
    if former != settings:
        raise Slip(
            f"settings are {settings}, and those of {study.table.name} were {former}. "
            "Move the table away to measure it again."
        )
    return table


def number(text):
    """A whole number that is not 0, for argparse, which says what is wrong."""
    if int(text) == 0:
        raise ValueError
    return int(text)


def main(argv=None):
    """Do what the command line says, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_depth.studies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["run", "status", "plot"])
    parser.add_argument("config", type=Path, help="a TOML file")
    parser.add_argument("--quick", action="store_true", help="the small size")
    parser.add_argument("--seeds", type=number, help="the first so many alone")
    parser.add_argument("--jobs", type=number, default=1, help="cells at a time")
    parser.add_argument("--output", type=Path, help="folder of all files written")
    given = parser.parse_args(argv)
    size = "quick" if given.quick else "full"
    try:
        study = read_study(given.config, size, given.output, given.seeds)
        return {"run": run, "status": status, "plot": plot}[given.command](
            study, given.jobs
        )
    except Slip as slip:
        print(f"{given.config}: {slip}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
