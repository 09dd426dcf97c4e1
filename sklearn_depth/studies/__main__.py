"""Run a study from a TOML file, see how far it is, and report on it.

    python -m sklearn_depth.studies run CONFIG.toml --jobs 2
    python -m sklearn_depth.studies status CONFIG.toml
    python -m sklearn_depth.studies plot CONFIG.toml

``run`` writes results.csv beside the file, and keeps each cell in .cells as soon as it
ends: run again after a crash, it goes on. ``--quick`` takes the small size, in a folder
of its own. A file names functions to call: run none that you do not trust.
"""

import argparse
from pathlib import Path

import joblib

from sklearn_depth.studies._config import read_study
from sklearn_depth.studies._engine import carry_out, rows_known
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._store import open_store


def run(study, n_jobs):
    """Measure what is missing, and write the table."""
    store, table = open_store(study.memory), known(study)
    with joblib.parallel_config("loky", inner_max_num_threads=1):
        result = carry_out(study.plan, store, n_jobs=n_jobs, verbose=1, known=table)
    result.save(study.table)
    print(f"{len(result)} cells are in {study.table}.")


def status(study, n_jobs):
    """Say how many cells are finished."""
    store = open_store(study.memory)
    rows = rows_known(study.plan, known(study))
    cells = study.plan.cells
    done = sum(
        row is not None or cell.key in store
        for row, cell in zip(rows, cells, strict=True)
    )
    print(f"{done} of {len(cells)} cells are finished.")


def plot(study, n_jobs):
    """Draw or write what the study is about, from its table."""
    if not study.table.exists():
        raise ValueError(f"There is no {study.table}. Run the study first.")
    study.report(StudyResult.load(study.table), study.table)


def known(study):
    """The table, for functions whose arguments say all; learners go by their cells."""
    if study.reuses_table and study.table.exists():
        return StudyResult.load(study.table)
    return None


def main(argv=None):
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_depth.studies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["run", "status", "plot"])
    parser.add_argument("config", type=Path, help="a TOML file")
    parser.add_argument("--quick", action="store_true", help="the small size")
    parser.add_argument("--seeds", type=int, help="the first so many alone")
    parser.add_argument("--jobs", type=int, default=1, help="cells at a time")
    parser.add_argument("--output", type=Path, help="folder of all files written")
    given = parser.parse_args(argv)
    size = "quick" if given.quick else "full"
    study = read_study(given.config, size, given.output, given.seeds)
    {"run": run, "status": status, "plot": plot}[given.command](study, given.jobs)


if __name__ == "__main__":
    main()
