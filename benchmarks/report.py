"""The page and the figures of the report, from the tables of a run."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
from accuracy.figure import draw
from accuracy.models import MODELS, MOST_CHAOS_PRODUCTS, MOST_ROWS_OF_HIMALAYA
from accuracy.real import MOST_CATEGORIES, MOST_ROWS
from accuracy.summary import FLOOR, Errors
from accuracy.tables import Table
from speed import speed_section

from sklearn_depth.studies import StudyResult

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"

LOST = 1.02  # times the best rival's error
MANY = 10  # times the best error
PAGE, SUITE = ((HERE / name).read_text() for name in ("page.rst", "suite.rst"))
SPEED = "Speed and memory\n================\n\n"
SUITES = tomllib.loads((HERE / "suites.toml").read_text())
REASONS = tomllib.loads((HERE / "accuracy" / "reasons.toml").read_text())


def number(value):
    if np.isnan(value):
        return "failed"
    return f"{value:.3g}" if value >= 1e-6 else "0"


def escaped(text):
    return text.replace("|", r"\|")


def list_table(header, rows, widths=None):
    """A reStructuredText table of rows of strings."""
    lines = [".. list-table::", "   :header-rows: 1"]
    if widths is not None:
        lines.append(f"   :widths: {' '.join(map(str, widths))}")
    for row in (header, *rows):
        cells = [f"- {cell}".rstrip() for cell in row]
        lines += ["", "   * " + cells[0], *("     " + cell for cell in cells[1:])]
    return "\n".join(lines) + "\n"


def summary_table(suite):
    """A row a model, the best first: how it did over all tasks of the suite."""
    ratios, ranks = suite.ratios, suite.ranks
    limited = np.isfinite(suite.limits).any()
    over = suite.over_limits if limited else np.empty(len(suite.models))
    finite = np.where(np.isfinite(ratios), ratios, np.nan)
    means = np.exp(np.nanmean(np.log(finite), axis=0))
    rows = [
        (
            f"**{name}**" if suite.is_ours[m] else name,
            f"{ranks[:, m].mean():.1f}",
            f"{means[m]:.2f}",
            f"{np.sum(ratios[:, m] == 1)}",
            f"{np.sum(ratios[:, m] >= MANY)}",
            f"{np.isnan(suite.errors[:, m]).sum()}",
            f"{np.nanmedian(suite.seconds[:, m]):.2g}",
            *([f"{over[m]:.3g}"] if limited else []),
        )
        for m, name in enumerate(suite.models)
    ]
    order = np.argsort(ranks.mean(axis=0), kind="stable")
    header = (
        "model",
        "mean rank",
        "error / best, geometric mean",
        "best on",
        "ten times the best or worse on",
        "failed on",
        "CPU seconds of a fit, median",
        *(["error / statistical limit, median"] if limited else []),
    )
    return list_table(header, [rows[m] for m in order])


def pick_table(suite):
    """A row a task: what the guide names for it, beside the best rival."""
    models, rows = suite.models, []
    for t, pick, rival, ratio in suite.picks():
        task = suite.tasks[t]
        rows.append(
            (
                escaped(task.name),
                models[pick],
                number(suite.errors[t, pick]),
                f"{suite.ranks[t, pick]:g}",
                models[rival],
                number(suite.errors[t, rival]),
                f"**{ratio:.2f}**" if ratio < 1 else f"{ratio:.2f}",
            )
        )
    header = "task", "our pick", "error", "rank", "best rival", "error", "ratio"
    return list_table(header, rows)


def pick_summary(suite):
    """A sentence: wins, and the geometric mean of the ratios to the best rival."""
    ratios = np.array([ratio for *_, ratio in suite.picks()])
    mean, middle = np.exp(np.mean(np.log(ratios))), np.median(ratios)
    return (
        f"Our pick has less error than the best rival on {np.sum(ratios < 1)} of "
        f"{len(ratios)} tasks; over all of them the ratio of their errors has the "
        f"geometric mean {mean:.2f} and the median {middle:.2f}.\n"
    )


def losses(suite):
    """Where the best rival has less error than our pick, and why."""
    models, lines = suite.models, []
    for t, _, rival, ratio in suite.picks():
        if ratio > LOST:
            name = suite.tasks[t].name
            why = REASONS.get(name, "not explained yet.").replace("\n", " ")
            lines.append(
                f"- *{escaped(name)}*, {ratio:.2f} times {models[rival]}: {why}"
            )
    if not lines:
        return ""
    return "**Where a rival wins.**\n\n" + "\n".join(lines) + "\n"


def error_table(suite):
    """A row a task: the errors of all models."""
    rows = [
        (escaped(task.name), *map(number, errors))
        for task, errors in zip(suite.tasks, suite.errors, strict=True)
    ]
    return list_table(("task", *map(escaped, suite.models)), rows)


def folded(title, table):
    """A table that a click on its title opens."""
    start = f".. raw:: html\n\n   <details><summary>{title}</summary>\n\n"
    return f"{start}{table}\n.. raw:: html\n\n   </details>\n"


def suite_page(result, name):
    suite = Errors(result, name)
    title = SUITES[name]["title"]
    return SUITE.format(
        title=title,
        line="=" * len(title),
        suite=name,
        intro=SUITES[name]["intro"].format(
            rows=MOST_ROWS, categories=MOST_CATEGORIES, table_rows=Table.most_rows
        ),
        picks=pick_summary(suite),
        pick_table=folded(
            "Our pick and the best rival, task by task", pick_table(suite)
        ),
        losses=losses(suite),
        summary=folded("All models over all tasks", summary_table(suite)),
        errors=folded("All errors", error_table(suite)),
    )


def suite_link(result, name):
    """What the suite comes to, and where its page is."""
    return f"- :doc:`benchmarks/{name}`. {pick_summary(Errors(result, name))}"


def failures(result):
    """What could not be measured, by model and message."""
    messages = {}
    for row in result.rows():
        if row["error"]:
            messages.setdefault((row["model"], last_line(row["error"])), set()).add(
                row["task"]
            )
    if not messages:
        return "No fit failed, and every rival could be installed."
    lines = [
        f"- {model} on {', '.join(sorted(tasks))}: {message}"
        for (model, message), tasks in messages.items()
    ]
    return "Fits that failed:\n\n" + "\n".join(lines)


def last_line(message):
    return message.strip().splitlines()[-1]


def write_report(quick, output):
    """The pages and their figures; those of the full size are the site's."""
    accuracy = StudyResult.load(output / "accuracy.parquet")
    speed = pd.read_parquet(output / "speed.parquet").to_dict("records")
    folder = output if quick else DOCS
    for name in ("images", "benchmarks"):
        (folder / name).mkdir(exist_ok=True)
    for name, suite in SUITES.items():
        picture = folder / "images" / f"benchmarks_{name}.svg"
        draw(Errors(accuracy, name), suite["title"], picture)
    for name, text in pages_of(accuracy, speed).items():
        (folder / name).write_text(text)


def pages_of(accuracy, speed):
    """The text of each page: the overview, one a suite, and speed."""
    suites = {f"benchmarks/{name}.rst": suite_page(accuracy, name) for name in SUITES}
    return {
        "benchmarks.rst": overview(accuracy),
        **suites,
        "benchmarks/speed.rst": SPEED + speed_section(speed),
    }


def overview(accuracy):
    """How all was measured, and what each suite comes to."""
    rows = accuracy.rows()
    return PAGE.format(
        n_models=len(MODELS),
        n_tasks=len({row["task"] for row in rows}),
        floor=FLOOR,
        most_himalaya=MOST_ROWS_OF_HIMALAYA,
        most_chaos=MOST_CHAOS_PRODUCTS,
        failures=failures(accuracy),
        suites="".join(suite_link(accuracy, name) for name in SUITES),
        toctree="\n".join(f"   benchmarks/{name}" for name in [*SUITES, "speed"]),
    )
