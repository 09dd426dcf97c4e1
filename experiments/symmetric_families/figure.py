"""The figure: the network by samples a product, rivals and parities by k."""

from collections import Counter
from itertools import product

import numpy as np

from experiments import _report
from experiments.symmetric_families.models import MODELS, rows_a_product

# Light to dark as the order grows.
ORDERS = {2: "#E69F00", 4: "#CC5500", 6: "#4B0F2B"}
DIMENSIONS = {2: "v", 5: "^", 10: "s", 20: "D"}
NETWORK = {"color": "#4B0F2B", "marker": "D"}
TOLD = {"color": "#009E73", "linestyle": "--", "marker": "^"}
LEARNERS = {
    "network": NETWORK,
    "kernel_ridge": {"color": "0.5", "linestyle": "--", "marker": "x"},
    "network_decayed": {"color": "#CC79A7", "linestyle": "-.", "marker": "P"},
    "two_layer_plain": {"color": "#0072B2", "linestyle": ":", "marker": "v"},
    "two_layer": {"color": "#0072B2", "marker": "o"},
    "network_told": TOLD,
}
PARITIES = {
    "elimination": {"color": "0.5", "marker": "x"},
    "network_bits": {"color": "#E69F00", "linestyle": "--", "marker": "o"},
    "network_told": TOLD,
    "network": NETWORK,
}
TICKS = [0.0001, 0.001, 0.01, 0.1, 1]
test_error = _report.column("test_error")


def accuracy(row):
    return 1 - test_error(row)


def draw(rows):
    """Three panels, one below the other, for a column of a page."""
    import matplotlib.pyplot as plt

    cosine = _report.select(rows, family="cosine")
    parity = _report.select(rows, family="parity")
    with plt.rc_context({"font.size": 12}):
        figure, panels = plt.subplots(3, 1, figsize=(6, 12.5), layout="constrained")
        draw_products(panels[0], _report.select(cosine, model="network"))
        draw_learners(panels[1], cosine)
        draw_parities(panels[2], parity)
        panels[0].legend(frameon=False, loc="lower left", ncols=2, handlelength=1)
        for panel in panels[1:]:
            panel.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.2))
        for panel in panels:
            _report.tidy(panel)
    return figure


def usual_rows(rows):
    """The fits at the n that most of them have."""
    counts = Counter(row["n"] for row in rows)
    return [row for row in rows if row["n"] == max(counts, key=counts.get)]


def draw_products(panel, rows):
    """A mark a fit: orders by colour, dimensions by shape."""
    for order, d in product(_report.levels(rows, "order"), _report.levels(rows, "d")):
        found = _report.select(rows, order=order, d=d)
        ratios = [rows_a_product(order, d, row["n"]) for row in found]
        errors = [test_error(row) for row in found]
        style = {"color": ORDERS[order], "marker": DIMENSIONS[d], "alpha": 0.8}
        panel.plot(ratios, errors, linestyle="", **style)
    for d, marker in DIMENSIONS.items():
        panel.plot([], [], "k", marker=marker, linestyle="", label=f"d = {d}")
    for order, colour in ORDERS.items():
        panel.plot([], [], linewidth=6, color=colour, label=f"k = {order}")
    panel.axvline(1, color="0.5", linewidth=1)
    panel.set(xscale="log", xlabel="samples per polynomial of degree k at most")
    panel.set_title("Cosine family: ReLU network, fresh points")
    finish(panel)


def draw_model(panel, rows, model, measure, style):
    """A line against the order, where there are rows."""
    found = _report.by_model(rows, [model], "order", measure)
    for values in found.values():
        _report.draw_line(panel, values, label=MODELS[model].title, **style)


def draw_learners(panel, rows):
    """All at the largest dimension, the kernel from fewer samples."""
    d = max(_report.levels(rows, "d"))
    rows = _report.select(rows, d=d)
    for model, style in LEARNERS.items():
        of_model = usual_rows(_report.select(rows, model=model))
        draw_model(panel, of_model, model, test_error, style)
    panel.set(xlabel="order k", title=f"Cosine family, d = {d}: fresh points")
    panel.set_xticks(_report.levels(rows, "order"))
    finish(panel)


def finish(panel):
    panel.set(yscale="log", ylabel="squared error / variance")
    panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])


def draw_parities(panel, rows):
    (d,) = _report.levels(rows, "d")
    for model, style in PARITIES.items():
        draw_model(panel, rows, model, accuracy, style)
    panel.axhline(0.5, color="0.5", linewidth=1)
    panel.set(xlabel="counted features k", ylabel="accuracy on fresh points")
    panel.set_title(f"Parity of k of {d} counts")
    panel.set_xticks(_report.levels(rows, "order"))
    panel.set_yticks(np.arange(0.5, 1.01, 0.1))
