"""Tables and figure of the study in config.toml."""

from collections import defaultdict

import numpy as np

from experiments import _report
from experiments.exponents import theory
from experiments.exponents.links import LINKS
from experiments.exponents.models import MODELS

COLORS = dict(
    zip(LINKS, ["#009E73", "#0072B2", "#56B4E9", "#CC79A7", "#D55E00"], strict=True)
)
HALF = 0.5


def cosines(rows, link, model):
    """{d: {ratio: squared cosines of the seeds}}."""
    found = defaultdict(lambda: defaultdict(list))
    for row in _report.select(rows, link=link, model=model):
        found[row["d"]][row["ratio"]].append(row["squared_cosine"])
    return {d: dict(sorted(found[d].items())) for d in sorted(found)}


def crossing(of_ratio):
    """The ratio at which the median passes a half, on lines in its logarithm.

    Past the last ratio at which it is below; None where it is there, or never.
    """
    ratios, medians = list(of_ratio), [np.median(v) for v in of_ratio.values()]
    below = [k for k, median in enumerate(medians) if median < HALF]
    if not below or below[-1] == len(ratios) - 1:
        return None
    k = below[-1]
    logs = np.interp(HALF, medians[k : k + 2], np.log(ratios[k : k + 2]))
    return float(np.exp(logs))


def power(link):
    """What the ratio is of."""
    return "d²" if LINKS[link].growth == 2 else "d"


def table(rows):
    """Markdown: crossings against theory, then learners that do not know the link."""
    dimensions = _report.levels(_report.select(rows, model="best"), "d")
    columns = ["samples over", "start, theory", "half, theory"]
    columns += [f"half, d = {d}" for d in dimensions]
    lines = {
        LINKS[link].title: [
            power(link),
            f"{theory.threshold(link):.2f}",
            f"{theory.half(link):.2f}",
            *crossing_cells(cosines(rows, link, "best"), dimensions),
        ]
        for link in LINKS
    }
    title = "Ratio at which the squared cosine starts, and is a half"
    return "\n".join([_report.markdown(title, columns, lines), rivals_table(rows)])


def crossing_cells(by_dimension, dimensions):
    """The crossing of each dimension; "-" where there is none."""
    found = [
        crossing(by_dimension[d]) if d in by_dimension else None for d in dimensions
    ]
    return ["-" if ratio is None else f"{ratio:.2f}" for ratio in found]


def rivals_table(rows):
    """A line a link and learner, a column a ratio: the median squared cosine."""
    others = [row for row in rows if row["model"] != "best"]
    ratios, lines = _report.levels(others, "ratio"), {}
    for link in LINKS:
        for model in list(MODELS)[1:]:
            for d, of_ratio in cosines(others, link, model).items():
                name = f"{LINKS[link].title}, {MODELS[model].title}, d = {d}"
                lines[name] = _report.against(ratios, of_ratio, median_cell)
    columns = [f"ratio {ratio:g}" for ratio in ratios]
    return _report.markdown("Median squared cosine", columns, lines)


def median_cell(values):
    return f"{np.median(values):.2f}"


def draw(rows):
    """A panel a link: squared cosines against the ratio; then samples against d."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(2, 3, figsize=(13, 8), layout="constrained")
    for panel, link in zip(panels.flat, LINKS, strict=False):
        draw_link(panel, link, cosines(rows, link, "best"))
    draw_samples(panels.flat[-1], rows)
    return figure


def draw_link(panel, link, by_dimension):
    """Medians of each dimension, darker as it grows, and theory in black."""
    for k, (d, of_ratio) in enumerate(by_dimension.items()):
        shade = {"color": COLORS[link], "alpha": (k + 1) / len(by_dimension)}
        medians = [np.median(values) for values in of_ratio.values()]
        panel.plot(
            list(of_ratio), medians, "o-", markersize=4, label=f"d = {d}", **shade
        )
    ratios = np.geomspace(0.2, 16, 40)
    predicted = [theory.squared_cosine(link, ratio) for ratio in ratios]
    panel.plot(ratios, predicted, "k--", linewidth=1.5, label="theory")
    panel.axvline(theory.threshold(link), color="black", linewidth=0.7)
    panel.set(
        xscale="log",
        ylim=(0, 1),
        xlabel=f"samples / {power(link)}",
        title=f"{LINKS[link].title}, generative exponent {LINKS[link].degree}",
    )
    panel.set_ylabel("squared cosine with u")
    panel.set_xticks([0.25, 0.5, 1, 2, 4, 8], ["0.25", "0.5", "1", "2", "4", "8"])
    panel.legend(frameon=False, fontsize=8)
    _report.tidy(panel)


def draw_samples(panel, rows):
    """Samples for a squared cosine of a half against d, with the predicted lines."""
    for link in LINKS:
        found = {
            d: crossing(of_ratio) for d, of_ratio in cosines(rows, link, "best").items()
        }
        growth, style = LINKS[link].growth, {"color": COLORS[link]}
        samples = {d: r * d**growth for d, r in found.items() if r is not None}
        panel.plot(
            list(samples), list(samples.values()), "o", label=LINKS[link].title, **style
        )
        line = np.array([min(found), max(found)])
        panel.plot(line, theory.half(link) * line**growth, "--", **style)
    panel.set(xscale="log", yscale="log", xlabel="d", ylabel="samples")
    panel.set_title("samples for a squared cosine of 0.5")
    panel.set_xticks([10, 25, 50, 100, 200, 400], [10, 25, 50, 100, 200, 400])
    panel.legend(frameon=False, fontsize=8)
    _report.tidy(panel)


def write(result, folder):
    _report.write(result, folder, table, draw, "exponents.png")
