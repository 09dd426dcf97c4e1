"""Tables and figure of the study in config.toml."""

from experiments import _report
from experiments.symmetric_families import figure
from experiments.symmetric_families.models import MODELS, rows_a_product

COLUMNS = {"fresh points": "test_error", "their own samples": "train_error"}


def table(rows):
    """Markdown: errors on fresh and on seen samples, of each family, and seconds."""
    cosine = _report.select(rows, family="cosine")
    parity = _report.select(rows, family="parity")
    parts = [
        cosine_table(_report.select(cosine, order=order), order, points, column)
        for order in _report.levels(cosine, "order")
        for points, column in COLUMNS.items()
    ]
    parts.append(product_table(_report.select(cosine, model="network")))
    parts += [parity_table(parity, *item) for item in COLUMNS.items()]
    return "\n".join([*parts, second_table(rows)])


def by_fit(rows, level, measure):
    """{title: {level: values of the seeds}}, a title for each model and n."""
    return {
        f"{MODELS[model].title}, n = {n}": values
        for model in MODELS
        for n in _report.levels(rows, "n")
        for values in _report.by_model(
            _report.select(rows, n=n), [model], level, measure
        ).values()
    }


def against(title, symbol, rows, level, measure, cell=_report.error_cell):
    """A line a model and number of samples, a column a level."""
    levels = _report.levels(rows, level)
    lines = {
        name: _report.against(levels, values, cell)
        for name, values in by_fit(rows, level, measure).items()
    }
    return _report.markdown(title, [f"{symbol} = {value}" for value in levels], lines)


def cosine_table(rows, order, points, column):
    title = f"MSE / variance on {points}, cosine, k = {order}"
    return against(title, "d", rows, "d", _report.column(column))


def product_table(rows):
    """The network where it has few samples a polynomial first."""
    shapes = {tuple(row[name] for name in ("order", "d", "n")) for row in rows}
    lines = {}
    for order, d, n in sorted(shapes, key=lambda shape: rows_a_product(*shape)):
        found = _report.select(rows, order=order, d=d, n=n)
        lines[f"k = {order}, d = {d}, n = {n}"] = [
            f"{rows_a_product(order, d, n):.3g}",
            _report.error_cell([row["train_error"] for row in found]),
            _report.error_cell([row["test_error"] for row in found]),
        ]
    columns = ["samples / polynomials of degree k", *reversed(COLUMNS)]
    return _report.markdown("ReLU network, cosine", columns, lines)


def parity_table(rows, points, column):
    """Accuracies."""
    title = f"accuracy on {points}, parity of k counts"
    return against(title, "k", rows, "order", lambda row: 1 - row[column])


def second_table(rows):
    """Of fits on all features, mean over orders."""
    seconds = _report.column("cpu_seconds")
    return against("CPU seconds of a fit", "d", rows, "d", seconds, _report.second_cell)


def write(result, path):
    _report.write(result, path, table, figure.draw, "hardness.png")
