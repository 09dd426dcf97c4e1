"""Tables and figure from results.csv, beside it.

python -m experiments.damian_lee_soltanolkotabi_2022.report
"""

from pathlib import Path

import numpy as np

from experiments import _report
from experiments.damian_lee_soltanolkotabi_2022 import figure, paper, samples
from experiments.damian_lee_soltanolkotabi_2022.models import MODELS

risk = _report.column("risk")


def table(rows):
    """Markdown: Figure 1, Figure 2, samples and their exponents."""
    learning = _report.select(rows, study="learning")
    transfer = _report.select(rows, study="transfer")
    needed = {
        link: samples.by_dimension(_report.select(rows, study="samples", link=link))
        for link in samples.TARGETS
    }
    parts = [learning_table(learning, m) for m in _report.levels(learning, "width")]
    parts += [transfer_table(transfer, m) for m in _report.levels(transfer, "width")]
    parts += [
        samples_table(needed[link], title) for link, title in samples.TARGETS.items()
    ]
    return "\n".join([*parts, exponent_table(needed)])


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
    """A line a model and number of rows of the source, and one for the paper's."""
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
        MODELS[name].title: _report.against(dimensions, of_model, count_cell)
        for name, of_model in needed.items()
    }
    title = f"Samples for a risk of {samples.LEVEL}, {title}"
    return _report.markdown(title, [f"d = {d}" for d in dimensions], lines)


def count_cell(counts):
    """Median, and the range over the seeds."""
    return f"{np.median(counts):.0f} ({min(counts):.0f}-{max(counts):.0f})"


def exponent_table(needed):
    """A line a model, a column a target."""
    names = [name for name in MODELS if any(name in found for found in needed.values())]
    lines = {
        MODELS[name].title: _report.against(
            samples.TARGETS,
            {link: found[name] for link, found in needed.items() if name in found},
            exponent_cell,
        )
        for name in names
    }
    title = "Exponent of the samples in d (5 to 95 % over resampled seeds)"
    return _report.markdown(title, samples.TARGETS.values(), lines)


def exponent_cell(needed):
    low, high = samples.exponent_range(needed)
    span = f"d = {min(needed)} to {max(needed)}"
    return f"{samples.exponent(needed):.2f} ({low:.2f}-{high:.2f}), {span}"


def main(argv=None):
    description = __doc__.partition("\n")[0]
    folder = Path(__file__).parent
    _report.main(argv, description, folder, table, figure.draw, "learning.png")


if __name__ == "__main__":
    main()
