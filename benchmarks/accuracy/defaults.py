"""Defaults against their alternatives, one at a time, on the tasks for choosing.

None of these tasks is in the report.
"""

import ast
import warnings
from dataclasses import dataclass

import joblib
import numpy as np

import sklearn_depth
from sklearn_depth.studies import run_cells

from . import CHOSEN_ON, errors_of

FLOOR = 1e-3  # below which errors count alike
MOST_COLUMNS = 40  # for all products of columns
FEWER_LAYERS = [
    ("linear", "random", "dense", "smooth"),
    ("linear", "random", "dense", "sparse"),
    ("linear", "random", "dense"),
    ("linear", "sparse"),
]


@dataclass(frozen=True)
class Choice:
    """An estimator, the suites it is chosen on and the alternatives by parameter."""

    suites: tuple
    alternatives: dict
    most_columns: float = np.inf


CHOICES = {
    "TwoLayerGDRegressor": Choice(
        ("index", "real"),
        {
            "n_hidden": [300, 2000],
            "n_feature_steps": [1, 3, 8],
            "layers": FEWER_LAYERS,
            "n_directions": [None],
            "label_transform": [None],
            "whiten": [None],
            "linear_part": [None],
            "alpha": [1e-3, 1.0],
        },
    ),
    "TwoLayerGDClassifier": Choice(
        ("classes", "class_tables"),
        {
            "n_hidden": [300],
            "n_feature_steps": [1, 8],
            "layers": FEWER_LAYERS,
            "n_directions": [None],
            "label_transform": [None],
            "whiten": [None],
            "linear_part": [None],
        },
    ),
    "ThreeLayerFeatureRegressor": Choice(
        ("networks", "radial"),
        {"n_refinements": [0, 3, 30], "n_knots": [10, 40], "alpha": [1e-3, 1.0]},
    ),
    "FixedHiddenSigmoidRegressor": Choice(
        ("radial",),
        {
            "n_hidden": [300, 2000],
            "hidden_scale": [0.05, 0.5],
            "design": ["iid"],
            "tie": [1],
            "alpha": [1e-6],
        },
    ),
    "RadialTwoLayerRegressor": Choice(
        ("radial",),
        {"n_knots": [10, 20, 80], "n_projections": [2000], "alpha": [1e-3, 1.0]},
    ),
    "HermitePolynomialRegressor": Choice(
        ("networks", "real"),
        {
            "degree": [2, 3, 5],
            "truncation": ["hyperbolic"],
            "scaling": ["sphere"],
            "alpha": ["auto", 1.0],
        },
        most_columns=MOST_COLUMNS,
    ),
    "ReLUNetworkRegressor": Choice(
        ("networks",),
        {
            "hidden_layer_sizes": [(128, 128), (256,), (256, 256, 256)],
            "momentum": [0.9],
            "weight_decay": [0.0, 0.1],
            "schedule": ["constant"],
        },
    ),
}


def measure_default(task, estimator, parameter, value, seed):
    """The loss of an estimator with one parameter changed, over that of a constant."""
    X, y, X_new, y_new = CHOSEN_ON[task].draw(seed)
    changed = {parameter: ast.literal_eval(value)} if parameter else {}
    model = getattr(sklearn_depth, estimator)(**changed)
    if "random_state" in model.get_params():
        model.set_params(random_state=seed)
    with warnings.catch_warnings(action="ignore"):
        model.fit(X, y)
    measures = errors_of(model, X_new, y_new, y)
    return {"loss": measures["nmse" if "nmse" in measures else "relative_log_loss"]}


def fitting_tasks(choice):
    """Names of the tasks of its suites, with few enough columns."""
    for name, task in CHOSEN_ON.items():
        if task.suite in choice.suites and columns(task) <= choice.most_columns:
            yield name


def columns(task):
    return task.draw(0)[0].shape[1]


def cells_of(estimator, choice, seeds):
    changes = [("", "")] + [
        (parameter, repr(value))
        for parameter, values in choice.alternatives.items()
        for value in values
    ]
    return [
        {
            "task": task,
            "estimator": estimator,
            "parameter": parameter,
            "value": value,
            "seed": seed,
        }
        for seed in range(seeds)
        for task in fitting_tasks(choice)
        for parameter, value in changes
    ]


def run_defaults(output, seeds=1, n_jobs=2):
    """Every alternative; a run that is stopped goes on where it was."""
    cells = [
        cell
        for estimator, choice in CHOICES.items()
        for cell in cells_of(estimator, choice, seeds)
    ]
    with joblib.parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
        result = run_cells(
            measure_default, cells, memory=output / ".cells" / "defaults"
        )
    result.save(output / "defaults.parquet")


def compare(result):
    """A row an alternative: its error over the default's, and where it is less.

    Errors are means over seeds, at least ``FLOOR``.
    """
    errors = {}
    for row in result.rows():
        key = row["estimator"], row["parameter"], row["value"]
        errors.setdefault(key, {}).setdefault(row["task"], []).append(row["loss"])
    for (estimator, parameter, value), by_task in errors.items():
        if parameter:
            default = errors[estimator, "", ""]
            ratios = np.array(
                [floored(by_task[task]) / floored(default[task]) for task in by_task]
            )
            fitted = ratios[np.isfinite(ratios)]
            yield {
                "estimator": estimator,
                "parameter": parameter,
                "value": value,
                "mean": float(np.exp(np.mean(np.log(fitted)))),
                "median": float(np.median(fitted)),
                "less": int(np.sum(ratios < 1 - 1e-9)),
                "failed": int(np.sum(~np.isfinite(ratios))),
                "tasks": len(ratios),
            }


def floored(errors):
    return max(np.mean(errors), FLOOR)


def markdown(result):
    """The table of ``benchmarks/README.md``."""
    titles = (
        "estimator",
        "in place of the default",
        "loss over the default's, geometric mean",
        "median",
        "less on",
    )
    rows = [titles, ("---",) * len(titles)]
    rows += [
        (
            row["estimator"],
            f"`{row['parameter']}={row['value']}`",
            f"{row['mean']:.2f}",
            f"{row['median']:.2f}",
            f"{row['less']} of {row['tasks']}",
        )
        for row in compare(result)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
