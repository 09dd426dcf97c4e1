"""Tables, lines and files that the reports of experiments share."""

import warnings
from collections import defaultdict
from operator import itemgetter

import numpy as np
from matplotlib.text import Text

from sklearn_depth.studies import scaling_exponent

TEXT_WIDTH, LEAST_POINTS = 6.5, 6  # inches of a printed page, and what can be read


def select(rows, **where):
    """The rows in which these columns have these values."""
    return [
        row
        for row in rows
        if all(row[column] == value for column, value in where.items())
    ]


def levels(rows, column):
    """The values of a column."""
    return sorted({row[column] for row in rows})


def by_model(rows, models, level, measure):
    """{model: {level: values of the seeds}}, in the order of ``models``.

    ``level`` is a column, ``measure`` a function of a row.
    """
    values = defaultdict(lambda: defaultdict(list))
    for row in rows:
        values[row["model"]][row[level]].append(measure(row))
    return {
        name: dict(sorted(values[name].items())) for name in models if name in values
    }


def column(name):
    """A function of a row: what is in this column."""
    return itemgetter(name)


def scaling(result, level):
    """{learner: exponent} and {learner: {d: samples needed}}, a row of each.

    What is censored, the rows say.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*medians leave them out", UserWarning)
        exponents, needed = scaling_exponent(result, level)
    by_dimension = defaultdict(dict)
    for row in needed.rows():
        by_dimension[row["estimator"]][row["n_features"]] = row
    return {row["estimator"]: row for row in exponents.rows()}, by_dimension


def sample_range(row):
    """Least, median and greatest number over the repeats."""
    return [row["n_samples_low"], row["n_samples"], row["n_samples_high"]]


def markdown(title, columns, lines):
    """A table from the cells of each line."""
    head = f"| {title} | " + " | ".join(columns) + " |"
    rule = "|---" * (1 + len(columns)) + "|"
    body = [f"| {name} | " + " | ".join(cells) + " |" for name, cells in lines.items()]
    return "\n".join([head, rule, *body]) + "\n"


def against(levels, values, cell):
    """Cells of {level: values of the seeds} at each level, "-" where there are none."""
    return [cell(values[level]) if level in values else "-" for level in levels]


def error_cell(errors):
    """Median, and the range over the seeds."""
    return f"{np.median(errors):.4f} ({min(errors):.4f}-{max(errors):.4f})"


def second_cell(seconds):
    return f"{np.mean(seconds):.1f}"


def draw_line(panel, values, **style):
    """The median of {level: values of the seeds}, and the range as a band."""
    low, high = list(map(min, values.values())), list(map(max, values.values()))
    panel.fill_between(values.keys(), low, high, color=style["color"], alpha=0.15, lw=0)
    panel.plot(values.keys(), [np.median(v) for v in values.values()], **style)


def draw_floors(panel, floors, label):
    """Ticks outside the right edge at {degree: error}, with the degrees of each."""
    degrees = defaultdict(list)
    for degree, error in floors.items():
        degrees[round(error, 6)].append(degree)
    place = {"transform": panel.get_yaxis_transform(), "clip_on": False}
    for error, equal in degrees.items():
        (line,) = panel.plot([1.01, 1.05], [error, error], "k-", **place)
        text = ", ".join(map(str, equal))
        panel.text(1.07, error, text, va="center_baseline", **place)
    line.set_label(label)


def tidy(panel):
    """Lines across at the ticks of errors, and no frame."""
    panel.minorticks_off()
    panel.grid(axis="y", color="0.9")
    panel.spines[["top", "right"]].set_visible(False)


def write(result, path, table, draw, picture):
    """Print and write the table, and save the figure, beside the rows."""
    rows = result.rows()
    text = table(rows)
    path.with_name("table.md").write_text(text)
    print(text)
    save(draw(rows), path.with_name(picture))


def save(figure, path):
    """Save a figure with letters of six points or more in the width of a text."""
    least = LEAST_POINTS * max(1, figure.get_figwidth() / TEXT_WIDTH)
    for panel in figure.axes:
        for axis in (panel.xaxis, panel.yaxis):
            for ticks in ("major", "minor"):
                size = axis.get_tick_params(ticks).get("labelsize", 10)
                axis.set_tick_params(ticks, labelsize=max(size, least))
    for text in figure.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), least))
    figure.savefig(path, dpi=150)
