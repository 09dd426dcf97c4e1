"""Studies written down in TOML: what is run, in two sizes, and where it is kept."""

import tomllib
from collections.abc import Callable
from functools import partial
from inspect import signature
from itertools import product
from pathlib import Path
from typing import NamedTuple

from sklearn_depth.studies._engine import Plan
from sklearn_depth.studies._objects import build, find_function
from sklearn_depth.studies._run_cells import plan_cells
from sklearn_depth.studies._sample_complexity import CURVE, plan_curve
from sklearn_depth.studies._sample_complexity_display import SampleComplexityDisplay
from sklearn_depth.studies._slips import (
    Slip,
    check_call,
    check_keys,
    check_type,
    in_one_line,
)
from sklearn_depth.utils._sklearn import check_parameters

SIZES = ("full", "quick")
_OF_ALL = ("name", "report")
_OF_CURVES = tuple(signature(plan_curve).parameters)
_OF_CELLS = ("measure", "settings", "seeds", "grids")


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
    with in_one_line():
        with path.open("rb") as file:
            config = of_size(tomllib.load(file), size)
        learns = "estimators" in config
        check_whole(config, learns, size)
        if folder is None:
            folder = path.parent if size == "full" else path.parent / size
        table = Path(folder, f"{name_of_table(config.pop('name', 'results'))}.csv")
        report = find_function(
            config.pop("report", f"{__name__}:draw_curves"), "report"
        )
        plan = curve_of(config, seeds) if learns else cells_of(config, seeds)
    return Study(plan, table, report, reuses_table=not learns)


def of_size(config, size):
    """What holds at a size; the keys of the other are checked as well."""
    known = (*_OF_ALL, *_OF_CURVES, *_OF_CELLS)
    check_keys(config, (*known, *SIZES), "The study")
    sizes = {name: config.pop(name, {}) for name in SIZES}
    for name, table in sizes.items():
        check_type(table, dict, name, f"a table, [{name}]")
        check_keys(table, known, f"[{name}]")
    return config | sizes[size]


def check_whole(config, learns, size):
    """Refuse a study without what it needs, or with keys of the other kind."""
    needed = ("make_dataset", "train_sizes") if learns else ("measure", "grids")
    missing = [name for name in needed if name not in config]
    if missing:
        raise Slip(
            f"The study has no {' and no '.join(missing)} at size {size!r}. It needs "
            "estimators, make_dataset and train_sizes, or measure and grids."
        )
    known = (*_OF_ALL, *(_OF_CURVES if learns else _OF_CELLS))
    what = "A study of estimators" if learns else "A study without estimators"
    check_keys(config, known, what)


def name_of_table(name):
    """A name that stays in the folder of the study."""
    check_type(name, str, "name", "a text")
    if Path(name).name != name or name[:1] in ("", ".") or {*name} & {*"\\:\0"}:
        raise Slip(f"name is {name!r}. Give it no folder: --output says where it is.")
    return name


def curve_of(config, seeds):
    """The arguments of ``sample_complexity_curve``, with objects made."""
    if seeds is not None:
        config["n_repeats"] = seeds
    arguments = {name: build(value, name) for name, value in config.items()}
    arguments["train_sizes"] = sizes_of(arguments["train_sizes"], arguments)
    check_parameters(CURVE, arguments, "the study")
    return plan_curve(**{"random_state": 0} | arguments)


def sizes_of(train_sizes, arguments):
    """Numbers, or from {times, power, most} those times d^power that are not more."""
    if not isinstance(train_sizes, dict):
        return train_sizes
    names = ("times", "power", "most")
    check_keys(train_sizes, names, "train_sizes")
    missing = [name for name in names if name not in train_sizes]
    if missing or "n_features" not in arguments:
        raise Slip(
            f"train_sizes in proportion to the dimension have no "
            f"{' and no '.join(missing or ['n_features'])}."
        )
    times, power, most = (train_sizes[name] for name in names)
    check_type(times, list, "train_sizes.times", "a list of numbers")
    for name, values in zip(names, (times, [power], [most]), strict=True):
        for value in values:
            check_type(value, (int, float), f"train_sizes.{name}", "numbers")

    def of_dimension(d):
        return [n for n in (round(factor * d**power) for factor in times) if n <= most]

    return of_dimension


def cells_of(config, seeds):
    """A measurement for each place of each grid, seed by seed."""
    measure, settings = (
        find_function(config["measure"], "measure"),
        config.get("settings", {}),
    )
    check_type(settings, dict, "settings", "a table")
    check_call(measure, (), settings, "settings", whole=False)
    check_type(config["grids"], list, "grids", "tables, [[grids]]")
    cells = []
    for k, grid in enumerate(config["grids"]):
        place = f"grids[{k}]"
        check_type(grid, dict, place, "a table, [[grids]]")
        listed = seeds_of(grid.pop("seeds", config.get("seeds", 1)), seeds, place)
        of_grid = places(grid, place)
        for cell in of_grid:
            check_call(measure, (), settings | cell | {"seed": 0}, place)
        cells += [cell | {"seed": seed} for seed in listed for cell in of_grid]
    cells.sort(key=lambda cell: cell["seed"])
    plan = plan_cells(partial(measure, **settings), cells)
    return plan._replace(config=plan.config | {"settings": str(settings)})


def seeds_of(given, most, place="grids[0]"):
    """The seeds listed, or so many; the first of them where fewer are wanted."""
    listed = given if isinstance(given, list) else [given]
    for value in listed:
        check_type(value, int, f"{place}.seeds", "a number of seeds, or a list of them")
    if listed is not given:
        if given < 1:
            raise Slip(f"{place}.seeds is {given}. Take one seed at least.")
        listed = range(given)
    return [seed for seed in listed if most is None or seed < most]


def places(grid, place="grids[0]"):
    """All combinations; a table in a list is a grid of values that go together."""
    axes = []
    for name, values in grid.items():
        listed = values if isinstance(values, list) else [values]
        if not listed:
            raise Slip(f"{place}.{name} is empty. Give it a value.")
        inner = f"{place}.{name}"
        parts = [
            places(v, inner) if isinstance(v, dict) else [{name: v}] for v in listed
        ]
        axes.append([values for part in parts for values in part])
    return [
        {name: value for part in parts for name, value in part.items()}
        for parts in product(*axes)
    ]


def draw_curves(result, path):
    """Save the curves of a result as a picture; what a study without report does."""
    with in_one_line():
        display = SampleComplexityDisplay.from_result(result)
    display.figure_.savefig(path.with_suffix(".png"), dpi=200)
    import matplotlib.pyplot as plt

    plt.close(display.figure_)
