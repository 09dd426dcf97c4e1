"""Tables and figure of the study in config.toml."""

import numpy as np

from experiments import _report
from experiments.safran_eldan_shamir_2019.data import (
    FREQUENCIES,
    LIPSCHITZ,
    OSCILLATION,
    TARGETS,
    sine,
    target,
)
from experiments.safran_eldan_shamir_2019.figure import draw
from experiments.safran_eldan_shamir_2019.models import MODELS
from experiments.safran_eldan_shamir_2019.results import (
    GOAL,
    GOAL_OF_SINES,
    GOALS,
    against_dimension,
    against_error,
    against_frequency,
    along_dimension,
    dimensions,
    errors,
    from_ten,
    growth_of,
    limits,
    needed,
)

LAWS = {"exponent": "power", "rate of an exponential": "exponential"}


def table(rows):
    """Markdown: errors, widths needed and how they grow, Theorem 4, checks, seconds."""
    parts = [
        *(error_table(rows, name) for name in LIPSCHITZ),
        dimension_table(rows),
        goal_table(rows),
        frequency_table(rows),
        diagonal_table(rows),
        limit_table(rows),
        periods_table(rows),
        check_table(rows),
        cost_table(rows),
    ]
    return "\n".join(parts)


def digits(value):
    return f"{value:.3g}"


def width_cell(widths):
    """Median and range; "few" or ">" where a seed needs none or more than were run."""
    low, middle, high = map(written, np.quantile(widths, [0, 0.5, 1], method="nearest"))
    return middle if low == high else f"{middle} ({low}-{high})"


def written(width):
    """Two digits, in thousands (k) and millions (M)."""
    if width == 0 or np.isinf(width):
        return ">" if width else "few"
    size, unit = next(s for s in ((1e6, "M"), (1e3, "k"), (1, "")) if width >= s[0])
    return (
        np.format_float_positional(width / size, 2, fractional=False, trim="-") + unit
    )


def growth_cells(values, laws):
    """Exponent or rate of each law, and the factor by which it errs."""
    cells = []
    for law in laws:
        slope, left = growth_of(values, law)
        cells.append(f"{slope:.2f} (factor {left:.2f})" if np.isfinite(slope) else "-")
    return cells


def width_table(title, columns, series, laws):
    """A line for each of {name: {x: widths needed}}; laws of growth by their heads."""
    lines = {
        name: [*map(width_cell, values.values()), *growth_cells(values, laws.values())]
        for name, values in series.items()
    }
    return _report.markdown(title, [*columns, *laws], lines)


def error_table(rows, name):
    """Depth two against directions and, last, in the limit."""
    where = {"part": "widths", "model": "depth_2"}
    columns = sorted(errors(rows, name, "m", **where))
    lines = {
        f"d = {d}": [
            *_report.against(
                columns, errors(rows, name, "m", **where, d=d), _report.error_cell
            ),
            digits(np.median(limits(rows, name, **where, d=d))),
        ]
        for d in dimensions(rows)
    }
    heads = [*(f"m = {m}" for m in columns), "m = ∞"]
    return _report.markdown(f"Error on {TARGETS[name].title}, depth 2", heads, lines)


def named(name, model):
    return f"{TARGETS[name].title}, {MODELS[model].title}"


def dimension_table(rows):
    series = {
        named(name, model): against_dimension(rows, model, name)
        for name in LIPSCHITZ
        for model in MODELS
    }
    columns = [f"d = {d}" for d in dimensions(rows)]
    lines = {
        name: [
            *map(width_cell, values.values()),
            *growth_cells(values, ["power"]),
            *growth_cells(from_ten(values), ["power"]),
        ]
        for name, values in series.items()
    }
    heads = [*columns, "exponent in d", "from d = 10 on"]
    return _report.markdown(f"Hidden units for an error of {GOAL:g}", heads, lines)


def goal_table(rows):
    series = {
        f"{named(name, model)}, d = {d}": against_error(rows, model, name, d)
        for name in LIPSCHITZ
        for model in MODELS
        for d in dimensions(rows)
    }
    columns = [f"ε = {goal:g}" for goal in GOALS]
    laws = {"exponent in 1/ε": "power"}
    return width_table("Hidden units for an error ε", columns, series, laws)


def frequency_table(rows):
    series = {
        f"{model.title}, d = {d}": against_frequency(rows, name, d)
        for name, model in MODELS.items()
        for d in dimensions(rows)
    }
    columns = [f"ω = {w}" for w in FREQUENCIES]
    title = f"Hidden units for an error of {GOAL_OF_SINES:g} on sin ωr"
    return width_table(title, columns, series, LAWS)


def diagonal_table(rows):
    series = {
        model.title: along_dimension(rows, name) for name, model in MODELS.items()
    }
    columns = [f"d = {d}" for d in series["depth 2"]]
    title = f"Hidden units for an error of {GOAL_OF_SINES:g} on sin dr"
    return width_table(title, columns, series, LAWS)


def limit_table(rows):
    """What is left with infinitely many directions."""
    lines = {}
    for part, n_knots in (("widths", 40), ("check", 100)):
        for d in dimensions(rows, part):
            found = {
                w: limits(rows, sine(w), part=part, n_knots=n_knots, d=d)
                for w in FREQUENCIES
            }
            if all(found.values()):
                lines[f"d = {d}, {n_knots} knots"] = [
                    digits(np.median(values)) for values in found.values()
                ]
    columns = [f"ω = {w}" for w in FREQUENCIES]
    return _report.markdown("Error on sin ωr, m = ∞", columns, lines)


def periods_table(rows):
    """The target of Theorem 4: errors at the widths, and the width needed."""
    lines = {}
    for d in dimensions(rows, OSCILLATION):
        for name, model in MODELS.items():
            where = {"part": OSCILLATION, "model": name, "d": d}
            found = errors(rows, OSCILLATION, **where)
            least, most = min(found), max(found)
            limit = limits(rows, OSCILLATION, **where)
            lines[f"d = {d}, {model.title}"] = [
                f"{least:.0f} units: {np.median(found[least]):.3f}",
                f"{most:.0f} units: {np.median(found[most]):.3f}",
                digits(np.median(limit)) if limit else "-",
                width_cell(needed(rows, OSCILLATION, GOAL_OF_SINES, **where)),
            ]
    heads = ["narrowest", "widest", "m = ∞", f"units for {GOAL_OF_SINES:g}"]
    return _report.markdown(f"Error on {target(OSCILLATION, 2).title}", heads, lines)


def check_table(rows):
    """Errors over those of the network with fewer samples or knots, seed by seed."""
    names = [*LIPSCHITZ, sine(8), sine(16)]
    lines = {}
    for row in _report.select(rows, part="check", seed=0):
        network = {name: row[name] for name in ("model", "d", "m")}
        if row["model"] == "depth_3":
            network["n_knots"] = row["n_knots"]
        before = _report.select(rows, part="widths", **network)
        network |= {name: row[name] for name in ("n", "n_knots")}
        after = _report.select(rows, part="check", **network)
        if row["m"] != 0:
            title = ", ".join(f"{name} = {value}" for name, value in network.items())
            lines[title] = [f"{ratio(after, before, name):.3f}" for name in names]
    heads = [TARGETS[name].title for name in names]
    return _report.markdown("Error over that with fewer samples or knots", heads, lines)


def ratio(after, before, name):
    """The median over the seeds."""
    of_seed = {row["seed"]: row[name] for row in before}
    return np.median([row[name] / of_seed[row["seed"]] for row in after])


def cost_table(rows):
    """CPU seconds of fits, and their sum."""
    lines = {}
    for name, model in MODELS.items():
        seconds = [row["cpu_seconds"] for row in _report.select(rows, model=name)]
        lines[model.title] = [
            str(len(seconds)),
            f"{max(seconds):.1f}",
            f"{sum(seconds):.0f}",
        ]
    return _report.markdown("CPU seconds", ["fits", "longest", "sum"], lines)


def write(result, folder):
    _report.write(result, folder, table, draw, "widths.png")
