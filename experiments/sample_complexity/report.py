"""Tables and figures of all studies of this folder that have been run."""

from typing import NamedTuple

import numpy as np

from experiments import _report
from sklearn_depth.studies import ScalingExponentDisplay, StudyResult

# Okabe and Ito's colours: learned layers blue, deep nets orange, fixed ones green.
LEARNERS = {
    "two_layer": ("TwoLayerGDRegressor", {"color": "#0072B2", "marker": "o"}),
    "one_step": (
        "one step on the labels as they are",
        {"color": "#56B4E9", "marker": "s"},
    ),
    "gradient_product": (
        "gradient outer product, kernel ridge",
        {"color": "#CC79A7", "marker": "P"},
    ),
    "directional": (
        "directional regression, kernel ridge",
        {"color": "#882255", "marker": "X"},
    ),
    "relu_network": ("ReLUNetworkRegressor", {"color": "#D55E00", "marker": "D"}),
    "three_layer": ("ThreeLayerFeatureRegressor", {"color": "#E69F00", "marker": "p"}),
    "hermite": ("Hermite polynomials", {"color": "#009E73", "marker": "^"}),
    "kernel_ridge": ("RBF kernel ridge", {"color": "black", "marker": "v"}),
    "trees": ("HistGradientBoostingRegressor", {"color": "0.6", "marker": "*"}),
}
CLASSIFIERS = {
    "two_layer": ("TwoLayerGDClassifier", LEARNERS["two_layer"][1]),
    "hermite": ("HermitePolynomialClassifier", LEARNERS["hermite"][1]),
    "kernel": ("SVC", LEARNERS["kernel_ridge"][1]),
}


class Group(NamedTuple):
    """Studies that share a figure: titles by the names of tables, level and learners.

    ``words`` say what the level is of.
    """

    titles: dict
    level: float
    words: str
    learners: dict = LEARNERS


GROUPS = {
    "exponents": Group(
        {"relu": "ReLU", "abs": "absolute value", "he3": "third Hermite polynomial"},
        0.1,
        "MSE / variance",
    ),
    "noise": Group(
        {
            "noise_low": "noise 0.1",
            "noise_middle": "noise 0.5",
            "noise_high": "noise 1",
        },
        0.2,
        "MSE / variance",
    ),
    "labels": Group({"labels": "labels"}, 0.9, "accuracy", CLASSIFIERS),
}


def write(result, path):
    """Beside the tables: table.md, and a figure for each group of them."""
    parts = []
    for name, group in GROUPS.items():
        results = {
            table: StudyResult.load(file)
            for table in group.titles
            if (file := path.with_name(f"{table}.csv")).exists()
        }
        if results:
            parts += tables(group, results)
            draw(group, results).savefig(path.with_name(f"{name}.png"), dpi=150)
    text = "\n".join(parts)
    path.with_name("table.md").write_text(text)
    print(text)


def tables(group, results):
    """One of the exponents, and one of samples for each study."""
    found = {t: _report.scaling(result, group.level) for t, result in results.items()}
    lines = {
        title: [exponent_cell(exponents.get(name)) for exponents, _ in found.values()]
        for name, (title, _) in group.learners.items()
        if any(name in exponents for exponents, _ in found.values())
    }
    columns = [group.titles[table] for table in found]
    title = f"k in n ~ d^k for {group.words} {group.level}"
    needed = [
        needed_table(group, table, of_table) for table, (_, of_table) in found.items()
    ]
    return [_report.markdown(title, columns, lines), *needed]


def exponent_cell(row):
    """The exponent, its interval, and how many dimensions were not reached."""
    if row is None or np.isnan(row["exponent"]):
        return "-"
    censored = f", {row['n_censored']} d censored" if row["n_censored"] else ""
    if np.isinf(row["exponent"]):
        return f"more than {row['exponent_low']:.1f} (one d reached)"
    interval = f"{row['exponent_low']:.1f} to {row['exponent_high']:.1f}"
    return f"{row['exponent']:.2f} ({interval}{censored})"


def needed_table(group, table, needed):
    """A line a learner, a column a dimension."""
    dimensions = sorted({d for of_learner in needed.values() for d in of_learner})
    lines = {
        title: _report.against(dimensions, needed[name], needed_cell)
        for name, (title, _) in group.learners.items()
        if name in needed
    }
    title = f"Samples for {group.words} {group.level}, {group.titles[table]}"
    return _report.markdown(title, [f"d = {d}" for d in dimensions], lines)


def needed_cell(row):
    """Median and range over the repeats, or how many did not get there."""
    low, middle, high = _report.sample_range(row)
    missed = row["n_repeats"] - row["n_reached"]
    if row["censored"] == "above":
        return f"not reached by {missed} of {row['n_repeats']}"
    if row["censored"] == "below":
        return "at the smallest size"
    return f"{middle:.0f} ({low:.0f}-{high:.0f})"


def draw(group, results):
    """A panel a study; the names of learners are below, exponents in the panels."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(
        1,
        len(results),
        figsize=(4.4 * len(results), 5.2),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    entries = {}
    for panel, (table, result) in zip(panels[0], results.items(), strict=True):
        present = dict.fromkeys(result.columns["estimator"].tolist())
        learners = {name: group.learners[name] for name in present}
        ScalingExponentDisplay.from_result(
            result,
            target=group.level,
            ax=panel,
            name={name: title for name, (title, _) in learners.items()},
            curve_kwargs={name: style for name, (_, style) in learners.items()},
            reference_slopes=[1, 2],
        )
        panel.set_title(group.titles[table])
        panel.set_ylabel(f"samples for {group.words} {group.level}")
        panel.label_outer()
        entries |= shorten(panel)
    figure.legend(
        entries.values(),
        entries,
        loc="outside lower center",
        ncols=2 if len(results) > 1 else 1,
        frameon=False,
    )
    return figure


def shorten(panel):
    """Leave exponents in the legend of a panel; {name: handle} for one below all."""
    legend = panel.get_legend()
    handles = legend.legend_handles
    texts = [text.get_text().partition(", $k$") for text in legend.get_texts()]
    shown = [(h, f"$k${k}") for h, (_, _, k) in zip(handles, texts, strict=True) if k]
    legend.remove()
    if shown:
        panel.legend(*zip(*shown, strict=True), loc="lower right", fontsize="small")
    return {name: h for h, (name, _, _) in zip(handles, texts, strict=True)}
