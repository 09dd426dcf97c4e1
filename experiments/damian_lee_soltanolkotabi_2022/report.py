"""Tables and figure of the study in config.toml."""

from experiments import _report
from experiments.damian_lee_soltanolkotabi_2022 import figure, paper, samples
from experiments.damian_lee_soltanolkotabi_2022.models import MODELS

risk = _report.column("risk")


def table(rows):
    """Markdown: Figure 1, Figure 2, samples and their exponents."""
    learning = _report.select(rows, study="learning")
    transfer = _report.select(rows, study="transfer")
    scaling = {
        link: samples.scaling(_report.select(rows, study="samples", link=link))
        for link in samples.TARGETS
    }
    parts = [learning_table(learning, m) for m in _report.levels(learning, "width")]
    parts += [transfer_table(transfer, m) for m in _report.levels(transfer, "width")]
    parts += [
        samples_table(scaling[link][1], title)
        for link, title in samples.TARGETS.items()
    ]
    return "\n".join([*parts, exponent_table(scaling)])


def learning_table(rows, width):
    """A line a model, and one for the paper's."""
    rows = _report.select(rows, width=width)
    n_rows = _report.levels(rows, "n")
    lines = {}
    for name, risks in _report.by_model(rows, MODELS, "n", risk).items():
        title = MODELS[name].title
        lines[title] = _report.against(n_rows, risks, _report.error_cell)
        published = paper.learning(name, width)
        if published:
            lines[f"{title}, in the paper"] = _report.against(n_rows, published, str)
    title = f"Risk, Figure 1, m = {width}"
    return _report.markdown(title, [f"n = {n}" for n in n_rows], lines)


def transfer_table(rows, width):
    """A line a model and number of samples of the source, and one for the paper's."""
    rows = _report.select(rows, width=width)
    n_rows = _report.levels(rows, "n")
    lines = {}
    for n_source in _report.levels(rows, "n_source"):
        of_source = _report.select(rows, n_source=n_source)
        for name, risks in _report.by_model(of_source, MODELS, "n", risk).items():
            cells = _report.against(n_rows, risks, _report.error_cell)
            lines[f"n = {n_source}, {MODELS[name].title}"] = cells
        published = paper.transfer(n_source)
        if published:
            cells = _report.against(n_rows, published, str)
            lines[f"n = {n_source}, in the paper"] = cells
    title = f"Risk, Figure 2, m = {width}"
    return _report.markdown(title, [f"N = {n}" for n in n_rows], lines)


def samples_table(needed, title):
    """A line a model, a column a dimension."""
    dimensions = sorted({d for of_model in needed.values() for d in of_model})
    lines = {
        MODELS[name].title: _report.against(dimensions, needed[name], count_cell)
        for name in MODELS
        if name in needed
    }
    title = f"Samples for a risk of {samples.LEVEL}, {title}"
    return _report.markdown(title, [f"d = {d}" for d in dimensions], lines)


def count_cell(row):
    """Median, and the range over the seeds, 0 for less than was run."""
    low, middle, high = _report.sample_range(row)
    span = f"{low:.0f}-{high:.0f}" if low else f"up to {high:.0f}"
    return f"{middle:.0f} ({span})"


def exponent_table(scaling):
    """A line a model, a column a target."""
    names = [
        name for name in MODELS if any(name in found for found, _ in scaling.values())
    ]
    lines = {
        MODELS[name].title: [
            exponent_cell(exponents[name], needed[name]) if name in exponents else "-"
            for exponents, needed in scaling.values()
        ]
        for name in names
    }
    title = "Exponent of the samples in d (90 % interval)"
    return _report.markdown(title, samples.TARGETS.values(), lines)


def exponent_cell(row, needed):
    span = f"d = {min(needed)} to {max(needed)}"
    low, high = row["exponent_low"], row["exponent_high"]
    return f"{row['exponent']:.2f} ({low:.2f}-{high:.2f}), {span}"


def write(result, folder):
    _report.write(result, folder, table, figure.draw, "learning.png")
