"""A sweep over fits, each a row of a CSV; rows that the CSV has are not done again."""

import argparse
import csv
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import joblib


@dataclass(frozen=True)
class Size:
    """Settings of a sweep, each with its ``tasks(seed)``, and the fresh points."""

    settings: tuple
    n_test: int

    def tasks(self, n_seeds):
        """All tasks, seed by seed."""
        return [
            task
            for seed in range(n_seeds)
            for setting in self.settings
            for task in setting.tasks(seed)
        ]


def finished(path, task_type):
    """The tasks, named tuples of one type, that a CSV has results of."""
    if not path.exists():
        return set()
    kinds = task_type.__annotations__.values()
    with path.open() as file:
        rows = list(csv.reader(file))[1:]
    return {
        task_type(*(kind(cell) for kind, cell in zip(kinds, row, strict=False)))
        for row in rows
    }


def run(path, tasks, measure, formats, n_jobs=1):
    """Measure the tasks that are not finished, a row of the CSV each.

    ``formats`` names what ``measure`` returns and says how it is written.
    """
    task_type = type(tasks[0])
    done = finished(path, task_type)
    todo = [task for task in tasks if task not in done]
    fits = (joblib.delayed(measure)(task) for task in todo)
    one_thread = joblib.parallel_config("loky", inner_max_num_threads=1)
    with one_thread, path.open("a") as file:
        writer = csv.writer(file, lineterminator="\n")
        if file.tell() == 0:
            writer.writerow([*task_type._fields, *formats])
        results = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(fits)
        for task, result in zip(todo, results, strict=True):
            row = [*task, *map(format, result, formats.values())]
            writer.writerow(row)
            file.flush()
            print(*row, flush=True)


def main(argv, description, folder, full, quick, measure, formats):
    """The command line of a sweep in two sizes.

    A size has ``tasks(n_seeds)`` and ``n_test``, the fresh points of each
    ``measure(task, n_test)``.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a small part")
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--jobs", type=int, default=1, help="fits at a time")
    parser.add_argument("--output", type=Path, default=folder)
    arguments = parser.parse_args(argv)
    size = quick if arguments.quick else full
    arguments.output.mkdir(parents=True, exist_ok=True)
    run(
        arguments.output / "results.csv",
        size.tasks(arguments.seeds),
        partial(measure, n_test=size.n_test),
        formats,
        arguments.jobs,
    )
