"""The figure: the paper's two beside ours, and samples against the dimension."""

from experiments import _report
from experiments.damian_lee_soltanolkotabi_2022 import paper, samples
from experiments.damian_lee_soltanolkotabi_2022.models import MODELS

# Okabe and Ito's colours: one a family.
STYLES = {
    "algorithm_1": {"color": "#0072B2", "marker": "o", "linewidth": 2},
    "algorithm_1_gcv": {"color": "#56B4E9", "marker": "o", "linewidth": 2},
    "defaults": {"color": "black", "marker": "D", "linewidth": 2},
    "random_features": {"color": "#009E73", "marker": "s"},
    "tangent_kernel": {"color": "#D55E00", "marker": "^"},
    "cubic_kernel": {"color": "#D55E00", "marker": "^"},
    "rbf": {"color": "#CC79A7", "marker": "v"},
}
PAPER = {"linestyle": ":", "markerfacecolor": "white", "linewidth": 1.2}
TRANSFER_STYLES = {
    100: {"color": "#E69F00", "marker": "s"},
    1000: {"color": "#56B4E9", "marker": "o"},
    10_000: {"color": "#0072B2", "marker": "D"},
}
TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
TUNED = "transfer_tuned"
# Where a layer that has seen no samples stands on the log axis.
NONE = 10


def draw(rows):
    """Figure 1 at two widths, Figure 2, and the study of samples."""
    import matplotlib.pyplot as plt

    picture, panels = plt.subplots(2, 2, figsize=(12, 10), layout="constrained")
    panels[0][1].sharey(panels[0][0])
    learning = _report.select(rows, study="learning")
    for panel, width in zip(panels[0], (100, 1000), strict=True):
        draw_learning(panel, _report.select(learning, width=width), width)
    draw_transfer(panels[1][0], _report.select(rows, study="transfer", width=100))
    draw_samples(panels[1][1], _report.select(rows, study="samples"))
    return picture


def draw_learning(panel, rows, width):
    """Risk against the samples; dotted, with hollow markers, the paper's."""
    risks = _report.by_model(rows, STYLES, "n", _report.column("risk"))
    for name, of_model in risks.items():
        style = STYLES[name]
        _report.draw_line(panel, of_model, label=MODELS[name].title, **style)
        published = paper.learning(name, width)
        panel.plot(published.keys(), published.values(), **style | PAPER)
    panel.set(xscale="log", xlabel="samples n", title=f"Figure 1, d = 10, m = {width}")
    finish(panel)


def draw_transfer(panel, rows):
    """Risk against the samples of the source, for each number of the target's."""
    for n in _report.levels(rows, "n"):
        style, of_n = TRANSFER_STYLES[n], _report.select(rows, n=n)
        risks = _report.by_model(of_n, [TUNED], "n_source", _report.column("risk"))
        risks = {n_source or NONE: of_n for n_source, of_n in risks[TUNED].items()}
        _report.draw_line(panel, risks, label=f"N = {n}", **style)
        published = {
            n_source: paper.transfer(n_source)[n] for n_source in paper.TRANSFER
        }
        panel.plot(published.keys(), published.values(), **style | PAPER)
    panel.set(xscale="log", xlabel="samples n of the source", title="Figure 2, m = 100")
    sources = [NONE, *paper.TRANSFER]
    panel.set_xticks(sources, ["none", *(f"$10^{k}$" for k in range(2, 7))])
    finish(panel)


def draw_samples(panel, rows):
    """Samples against the dimension, a dash a target, and how fast they rise."""
    for (link, title), dash in zip(samples.TARGETS.items(), ("-", "--"), strict=True):
        exponents, needed = samples.scaling(_report.select(rows, link=link))
        for name in (name for name in MODELS if name in needed):
            power = f"$d^{{{exponents[name]['exponent']:.2f}}}$"
            label = f"{MODELS[name].title}, {title}: {power}"
            style = STYLES[name] | {"linestyle": dash}
            values = {d: measured_range(row) for d, row in needed[name].items()}
            _report.draw_line(panel, values, label=label, **style)
    dimensions = _report.levels(rows, "d")
    panel.set(xscale="log", yscale="log", xlabel="dimension d")
    panel.set(title=f"Samples for a risk of {samples.LEVEL}")
    panel.set_xticks(dimensions, dimensions)
    panel.set_ylim(top=1e8)  # room for the key
    _report.tidy(panel)
    panel.legend(frameon=False, fontsize="small")


def measured_range(row):
    """From the median, where a repeat needed less than was run."""
    low, middle, high = _report.sample_range(row)
    return [low or middle, middle, high]


def finish(panel):
    """Risks on a log axis, and the key."""
    panel.plot([], [], label="in the paper", color="0.4", marker="o", **PAPER)
    panel.set(yscale="log", ylabel="risk")
    panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    _report.tidy(panel)
    panel.legend(frameon=False)
