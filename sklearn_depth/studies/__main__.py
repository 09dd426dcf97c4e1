"""Run a study from a TOML file, see how far it is, and report on it.

    python -m sklearn_depth.studies run CONFIG.toml --jobs 2
    python -m sklearn_depth.studies status CONFIG.toml
    python -m sklearn_depth.studies plot CONFIG.toml
    python -m sklearn_depth.studies export CONFIG.toml --to results.parquet
    python -m sklearn_depth.studies export CONFIG.toml --to exponents.tex --target 0.1

``run`` writes results.csv beside the file, and keeps each cell in .cells as soon as it
ends: run again after a crash, it goes on. ``--quick`` takes the small size, in a folder
of its own. A file names functions to call, and .cells has pickles: run none that you do
not trust. The exit status is 1 if every cell failed, and 2 for a slip in the file.
"""

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path

import joblib
import numpy as np

from sklearn_depth.studies._config import read_study
from sklearn_depth.studies._engine import How, carry_out, cells_found, is_curve
from sklearn_depth.studies._export import export
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._shown import TOO_LATE
from sklearn_depth.studies._slips import Slip, in_one_line
from sklearn_depth.studies._store import open_store
from sklearn_depth.studies._time_left import TimeLeft, in_words

# Seconds within which a scheduler answers.
_PATIENCE = 10


def run(study, given):
    """Measure what is missing, and write the table."""
    with in_one_line():
        store, table = open_store(study.memory), known(study)
    with workers(given.dask):
        how = How(given.jobs, verbose=1, time_limit=given.time_limit)
        result = carry_out(study.plan, store, how, known=table)
    result.save(study.table)
    errors = result.columns["error"]
    n_late = int(np.sum(errors == TOO_LATE))
    n_failed = int(np.sum(errors != "")) - n_late
    failed = f", {n_failed} of which failed" if n_failed else ""
    late = f", {n_late} of which were not begun in time" if n_late else ""
    print(f"{len(result)} cells are in {study.table}{failed}{late}.")
    return int(n_failed == len(result))


@contextmanager
def workers(address):
    """Where cells run: processes of this machine, or Dask at an address."""
    if address is None:
        with joblib.parallel_config("loky", inner_max_num_threads=1):
            yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise Slip(
            f"--dask needs what is missing, {error}. pip install "
            "sklearn-depth[distributed]"
        ) from error
    with in_one_line():
        client = Client(address, timeout=_PATIENCE)
    with client, joblib.parallel_config("dask"):
        yield


def status(study, given):
    """Say how many cells are finished, and how long the others take."""
    with in_one_line():
        store, table = open_store(study.memory), known(study)
    found = cells_found(study.plan, store, table)
    n_done = sum(values is not None for values in found)
    print(f"{n_done} of {len(found)} cells are finished.")
    if is_curve(study.plan.labels):
        left = TimeLeft(study.plan.labels, range(len(found)))
        for place, values in enumerate(found):
            if values is not None:
                left.add(place, values)
        if words := in_words(left.by_estimator()):
            print(f"Cell by cell, {words}.")
    return 0


def plot(study, given):
    """Draw or write what the study is about, from its table."""
    study.report(measured(study), study.table)
    return 0


def export_table(study, given):
    """Write the table, or exponents, to another file."""
    if given.to is None or given.to.absolute() == study.table.absolute():
        raise Slip(f"Say by --to which file to write, other than {study.table}.")
    result = measured(study)
    with in_one_line():
        export(result, given.to, given.target, given.score)
    print(f"{given.to} is written.")
    return 0


def measured(study):
    """The table that there is."""
    if not study.table.exists():
        raise Slip(f"There is no {study.table}. Run the study first.")
    with in_one_line():
        return StudyResult.load(study.table)


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


def seconds(text):
    """A number above 0, for argparse."""
    if not float(text) > 0:
        raise ValueError
    return float(text)


COMMANDS = {"run": run, "status": status, "plot": plot, "export": export_table}


def main(argv=None):
    """Do what the command line says, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_depth.studies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("config", type=Path, help="a TOML file")
    parser.add_argument("--quick", action="store_true", help="the small size")
    parser.add_argument("--seeds", type=number, help="the first so many alone")
    parser.add_argument("--jobs", type=number, default=1, help="cells at a time")
    parser.add_argument("--dask", metavar="ADDRESS", help="run: a scheduler of Dask")
    parser.add_argument(
        "--time-limit", type=seconds, metavar="SECONDS", help="run: begin no cell later"
    )
    parser.add_argument("--output", type=Path, help="folder of the table and cells")
    parser.add_argument(
        "--to", type=Path, metavar="FILE", help="export: a .csv, .parquet or .tex"
    )
    parser.add_argument("--target", type=float, help="export: exponents at this score")
    parser.add_argument("--score", help="export: the score, where there are several")
    given = parser.parse_args(argv)
    size = "quick" if given.quick else "full"
    try:
        study = read_study(given.config, size, given.output, given.seeds)
        return COMMANDS[given.command](study, given)
    except Slip as slip:
        print(f"{given.config}: {slip}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
