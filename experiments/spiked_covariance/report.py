"""Tables and figure of the study in config.toml."""

import numpy as np

from experiments import _report
from experiments.spiked_covariance.models import MODELS
from experiments.spiked_covariance.theory import CASES, left_by_spike, turning_points

# One colour a family: kernels green, one step blue, five steps orange.
STYLES = {
    "kernel_poly": {"color": "#009E73", "marker": "^"},
    "kernel_rbf": {"color": "#009E73", "linestyle": "--", "marker": "^"},
    "one_step": {"color": "#0072B2", "linewidth": 3.5, "marker": "o"},
    "one_step_shuffled": {"color": "#0072B2", "linestyle": ":", "marker": "o"},
    "one_step_ridge": {"color": "#0072B2", "linestyle": "--", "marker": "o"},
    "five_steps": {"color": "#D55E00", "marker": "s"},
    "five_steps_ridge": {"color": "#D55E00", "linestyle": "--", "marker": "s"},
    "two_layer_default": {"color": "0.5", "linestyle": "--", "marker": "v"},
    "pca_spline": {"color": "black", "marker": "D"},
}
TICKS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]
# Where a case counts as learned: half of what a linear function leaves of it.
HALF = {"13": 0.25, "3": 0.5}


def by_model(rows, column, **where):
    """{model: {beta: values of the seeds}} in the rows with these values."""
    rows = _report.select(rows, **where)
    return _report.by_model(rows, MODELS, "beta", _report.column(column))


def cases(rows):
    """The cases that there are rows of."""
    found = {row["case"] for row in rows}
    return [case for case in CASES if case in found]


def title_of(rows, case):
    """The case with its shape."""
    d, n = next((row["d"], row["n"]) for row in rows if row["case"] == case)
    return f"{CASES[case].title}, d = {d}, n = {n}"


def table(rows):
    """Markdown: where errors fall, the errors of each case, seconds."""
    parts = [
        against_beta(
            f"MSE / variance, {title_of(rows, case)}",
            by_model(rows, "normalized_error", case=case),
            _report.error_cell,
        )
        for case in cases(rows)
    ]
    seconds = by_model(rows, "cpu_seconds")
    cost = against_beta("CPU seconds of a fit", seconds, _report.second_cell)
    return "\n".join([turning_table(rows), *parts, cost])


def turning_table(rows):
    """The beta at which the median error falls below the level of HALF."""
    present = [case for case in HALF if case in cases(rows)]
    errors = {case: by_model(rows, "normalized_error", case=case) for case in present}
    theory = {case: turning_points(case) for case in present}
    lines = {
        f"theory, {name}": [f"{theory[case][k]:.2f}" for case in present]
        for k, name in enumerate(("kernels: 1 - 1/p", "networks: 1 - 1/k"))
    }
    for name in errors[present[0]]:
        lines[MODELS[name].title] = [
            crossing(errors[case][name], HALF[case]) for case in present
        ]
    columns = [f"{CASES[case].title}, below {HALF[case]:g}" for case in present]
    return _report.markdown("β at which the error turns", columns, lines)


def crossing(errors, level):
    """Where the medians, joined by lines, first fall below a level."""
    betas = list(errors)
    medians = [np.median(errors[beta]) for beta in betas]
    below = next((i for i, error in enumerate(medians) if error < level), None)
    if below is None:
        return f"> {betas[-1]:g}"
    if below == 0:
        return f"{betas[0]:g}"
    x, y = betas[below - 1 : below + 1], medians[below - 1 : below + 1]
    return f"{np.interp(level, y[::-1], x[::-1]):.2f}"


def against_beta(title, values, cell):
    """A line a model, a column an exponent."""
    betas = sorted({beta for of_model in values.values() for beta in of_model})
    lines = {
        MODELS[name].title: _report.against(betas, of_model, cell)
        for name, of_model in values.items()
    }
    return _report.markdown(title, [f"β = {beta:g}" for beta in betas], lines)


def draw(rows):
    """A panel a case: median error against the exponent, the range as a band."""
    import matplotlib.pyplot as plt

    present = cases(rows)
    columns = 2 if len(present) > 1 else 1
    figure, panels = plt.subplots(
        -(-len(present) // columns),
        columns,
        figsize=(12, 9),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for panel, case in zip(panels.flat, present, strict=False):
        errors = by_model(rows, "normalized_error", case=case)
        for name, of_model in errors.items():
            _report.draw_line(panel, of_model, label=MODELS[name].title, **STYLES[name])
        draw_theory(panel, case, rows)
        panel.set(yscale="log", title=title_of(rows, case), xlabel="β, spike $d^β$")
        panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        panel.set_ylim(0.001, 2)
        _report.tidy(panel)
    for row in panels:
        row[0].set_ylabel("test squared error / variance")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return figure


def draw_theory(panel, case, rows):
    """Turning points where the spike is the target, else what the spike explains."""
    if case in HALF:
        kernels, networks = turning_points(case)
        panel.axvline(kernels, color=STYLES["kernel_poly"]["color"], linewidth=1)
        panel.text(kernels, 1.15, " 1 - 1/p")
        line = {"color": STYLES["one_step"]["color"], "linewidth": 1}
        panel.axvline(networks, **line, linestyle=(0, (6, 6)))
        panel.text(networks, 0.007, " 1 - 1/k")
    elif CASES[case].overlap:
        d = next(row["d"] for row in rows if row["case"] == case)
        betas = np.linspace(0, 0.8, 81)
        left = [left_by_spike(case, d**beta) for beta in betas]
        panel.plot(betas, left, color="black", linestyle=":", linewidth=1)
        panel.text(0.02, 0.002, "dotted: the best function of the projection on μ")


def write(result, folder):
    _report.write(result, folder, table, draw, "spike.png")
