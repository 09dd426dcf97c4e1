"""Studies written down in TOML: what is run, in two sizes, and where it is kept."""

import tomllib
from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import signature
from itertools import product
from pathlib import Path
from typing import NamedTuple

from sklearn_depth.studies._engine import Plan
from sklearn_depth.studies._run_cells import plan_cells
from sklearn_depth.studies._sample_complexity import plan_curve
from sklearn_depth.studies._sample_complexity_display import SampleComplexityDisplay

SIZES = ("full", "quick")


class Study(NamedTuple):
    """A plan, the file of its table, and the function that reports on it."""

    plan: Plan
    table: Path
    report: Callable
    reuses_table: bool

    @property
    def memory(self):
        return self.table.with_name(".cells")


def read_study(path, size="full", folder=None, seeds=None):
    """The study of a file; a quick one has a folder of its own beside it."""
    path = Path(path)
    with path.open("rb") as file:
        config = tomllib.load(file)
    sizes = {name: config.pop(name, {}) for name in SIZES}
    config |= sizes[size]
    if folder is None:
        folder = path.parent if size == "full" else path.parent / size
    table = Path(folder) / f"{config.pop('name', 'results')}.csv"
    report = find(config.pop("report", "sklearn_depth.studies._config:draw_curves"))
    learns = "estimators" in config
    needed = ("make_dataset", "train_sizes") if learns else ("measure", "grids")
    missing = [name for name in needed if name not in config]
    if missing:
        raise ValueError(
            f"{path.name} has no {' and no '.join(missing)} at size {size!r}. A study "
            "has estimators, make_dataset and train_sizes, or measure and grids."
        )
    plan = curve_of(config, seeds) if learns else cells_of(config, seeds)
    return Study(plan, table, report, reuses_table=not learns)


def curve_of(config, seeds):
    """The arguments of ``sample_complexity_curve``, with objects made."""
    if seeds is not None:
        config["n_repeats"] = seeds
    known = signature(plan_curve).parameters
    unknown = sorted(config.keys() - known)
    if unknown:
        raise ValueError(
            f"The study has {unknown}, which mean nothing here. Its keys are name, "
            f"report, full, quick, {', '.join(known)}."
        )
    arguments = {name: build(value) for name, value in config.items()}
    arguments["train_sizes"] = sizes_of(arguments["train_sizes"])
    return plan_curve(**{"random_state": 0} | arguments)


def sizes_of(train_sizes):
    """Numbers, or from {times, power, most} those times d^power that are not more."""
    if not isinstance(train_sizes, dict):
        return train_sizes
    times, power, most = (train_sizes[name] for name in ("times", "power", "most"))

    def of_dimension(d):
        return [n for n in (round(factor * d**power) for factor in times) if n <= most]

    return of_dimension


def cells_of(config, seeds):
    """A measurement for each place of each grid, seed by seed."""
    measure = partial(find(config["measure"]), **config.get("settings", {}))
    cells = [
        cell | {"seed": seed}
        for grid in config["grids"]
        for seed in seeds_of(grid.pop("seeds", config.get("seeds", 1)), seeds)
        for cell in places(grid)
    ]
    return plan_cells(measure, sorted(cells, key=lambda cell: cell["seed"]))


def seeds_of(given, most):
    """The seeds listed, or so many; the first of them where fewer are wanted."""
    listed = list(range(given)) if isinstance(given, int) else given
    return listed if most is None else [seed for seed in listed if seed < most]


def places(grid):
    """All combinations; a table in a list is a grid of values that go together."""
    axes = []
    for name, values in grid.items():
        listed = values if isinstance(values, list) else [values]
        parts = [places(v) if isinstance(v, dict) else [{name: v}] for v in listed]
        axes.append([place for part in parts for place in part])
    return [
        {name: value for part in parts for name, value in part.items()}
        for parts in product(*axes)
    ]


def build(value):
    """A value, with each table that has ``call`` or ``bind`` made into an object.

    ``call`` names what is called with the other keys, ``args`` before them; ``bind``
    what they are bound to by ``functools.partial``.
    """
    if isinstance(value, list):
        return [build(item) for item in value]
    if not isinstance(value, dict):
        return value
    built = {name: build(item) for name, item in value.items()}
    if "call" in built:
        function = find(built.pop("call"))
    elif "bind" in built:
        function = partial(partial, find(built.pop("bind")))
    else:
        return built
    return function(*built.pop("args", ()), **built)


def find(name):
    """What "package.module:name" stands for."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{name!r} is not found: {error}. Write 'package.module:name', and run "
            "from where it can be imported."
        ) from error


def draw_curves(result, path):
    """Save the curves of a result as a picture; what a study without report does."""
    display = SampleComplexityDisplay.from_result(result)
    display.figure_.savefig(path.with_suffix(".png"), dpi=200)
