"""The page and the figures of the report, from the tables of a run."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
from accuracy.class_models import MOST_ROWS as MOST_ROWS_FOR_CLASSES
from accuracy.class_scores import N_BINS
from accuracy.class_tables import ClassTable
from accuracy.competitors import FEW_ROWS
from accuracy.figure import draw
from accuracy.models import MODELS, MOST_CHAOS_PRODUCTS, MOST_ROWS_OF_HIMALAYA
from accuracy.real import MOST_CATEGORIES, MOST_ROWS
from accuracy.summary import FLOOR, OF_CLASSES, shown, summary_of
from accuracy.tables import Table
from speed import speed_section

from sklearn_depth.studies import StudyResult

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"

LOST = 1.02  # times the best rival's error
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
    ranks = suite.ranks.mean(axis=0)
    poor, counts = suite.poor()
    columns = {
        "model": [
            f"**{name}**" if ours else name
            for name, ours in zip(suite.models, suite.is_ours, strict=True)
        ],
        "mean rank": [f"{rank:.1f}" for rank in ranks],
        f"{suite.word} / best, geometric mean": [f"{r:.2f}" for r in suite.mean_ratios],
        "best on": np.sum(suite.ratios == 1, axis=0),
        poor: counts,
        "failed on": suite.failed,
        "CPU seconds of a fit, median": [
            f"{seconds:.2g}" for seconds in np.nanmedian(suite.seconds, axis=0)
        ],
        **{
            title: [f"{value:.3g}" for value in column]
            for title, column in suite.further().items()
        },
    }
    rows = list(zip(*columns.values(), strict=True))
    order = np.argsort(ranks, kind="stable")
    return list_table(columns, [rows[m] for m in order if suite.whole[m]])


def pick_table(suite):
    """A row a task: what the guide names for it, beside the best rival."""
    models, rows = suite.models, []
    for t, pick, rival, ratio in suite.picks():
        rows.append(
            (
                escaped(shown(suite.tasks[t].name)),
                models[pick],
                number(suite.errors[t, pick]),
                f"{suite.ranks[t, pick]:g}",
                models[rival],
                number(suite.errors[t, rival]),
                f"**{ratio:.2f}**" if ratio < 1 else f"{ratio:.2f}",
            )
        )
    word = suite.word
    return list_table(
        ("task", "our pick", word, "rank", "best rival", word, "ratio"), rows
    )


def pick_summary(suite):
    """A sentence: wins, and the geometric mean of the ratios to the best rival."""
    ratios = np.array([ratio for *_, ratio in suite.picks()])
    mean, middle = np.exp(np.mean(np.log(ratios))), np.median(ratios)
    return (
        f"Our pick has less {suite.word} than the best rival on {np.sum(ratios < 1)} "
        f"of {len(ratios)} tasks; over all of them the ratio of the two has the "
        f"geometric mean {mean:.2f} and the median {middle:.2f}.\n"
    )


def losses(suite):
    """Where the best rival does better than our pick, and why."""
    models, lines = suite.models, []
    for t, _, rival, ratio in suite.picks():
        if ratio > LOST:
            name = suite.tasks[t].name
            why = REASONS.get(name, "not explained yet.").replace("\n", " ")
            lines.append(
                f"- *{escaped(shown(name))}*, {ratio:.2f} times {models[rival]}: {why}"
            )
    if not lines:
        return ""
    return "**Where a rival wins.**\n\n" + "\n".join(lines) + "\n"


def error_table(suite):
    """A row a task: the errors of all models; the truth's where it has any."""
    truth = [f"{value:.3g}" for value in suite.limits] if suite.has_truth else []
    rows = [
        (escaped(shown(task.name)), *suite.cells(t, number), *truth[t : t + 1])
        for t, task in enumerate(suite.tasks)
    ]
    header = "task", *map(escaped, suite.models), *["the truth"][: len(truth)]
    return list_table(header, rows)


def folded(title, table):
    """A table that a click on its title opens."""
    start = f".. raw:: html\n\n   <details><summary>{title}</summary>\n\n"
    return f"{start}{table}\n.. raw:: html\n\n   </details>\n"


def suite_page(result, name):
    suite = summary_of(result, name)
    title = SUITES[name]["title"]
    return SUITE.format(
        title=title,
        line="=" * len(title),
        suite=name,
        intro=SUITES[name]["intro"].format(
            rows=MOST_ROWS,
            categories=MOST_CATEGORIES,
            table_rows=Table.most_rows,
            class_rows=ClassTable.most_rows,
        ),
        picks=pick_summary(suite),
        pick_table=folded(
            "Our pick and the best rival, task by task", pick_table(suite)
        ),
        losses=losses(suite),
        summary="\n".join(
            folded(title, summary_table(few))
            for title, few in summaries(suite, result, name)
        ),
        errors=folded(f"All {suite.words}", error_table(suite)),
    )


def summaries(suite, result, name):
    """Of models over all tasks, and over those of few samples for slow ones."""
    yield "All models over all tasks", suite
    if not suite.whole.all():
        few = summary_of(result, name, few=True)
        title = f"The {len(few.tasks)} tasks of up to {FEW_ROWS} training samples"
        yield f"{title}, with models that are slow on more", few


def suite_links(tables):
    """What each suite comes to, and where its page is."""
    return {
        name: f"- :doc:`benchmarks/{name}`. {pick_summary(summary_of(result, name))}"
        for name, result in tables.items()
    }


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
    accuracy, classes = (
        StudyResult.load(output / f"{name}.parquet") for name in ("accuracy", "classes")
    )
    speed = pd.read_parquet(output / "speed.parquet").to_dict("records")
    folder = output if quick else DOCS
    for name in ("images", "benchmarks"):
        (folder / name).mkdir(exist_ok=True)
    for name, result in by_suite(accuracy, classes).items():
        picture = folder / "images" / f"benchmarks_{name}.svg"
        draw(summary_of(result, name), SUITES[name]["title"], picture)
    for name, text in pages_of(accuracy, classes, speed).items():
        (folder / name).write_text(text)


def by_suite(accuracy, classes):
    """The table that has each suite."""
    return {name: classes if name in OF_CLASSES else accuracy for name in SUITES}


def pages_of(accuracy, classes, speed):
    """The text of each page: the overview, one a suite, and speed."""
    suites = {
        f"benchmarks/{name}.rst": suite_page(result, name)
        for name, result in by_suite(accuracy, classes).items()
    }
    return {
        "benchmarks.rst": overview(accuracy, classes),
        **suites,
        "benchmarks/speed.rst": SPEED + speed_section(speed),
    }


def overview(accuracy, classes):
    """How all was measured, and what each suite comes to."""
    links = suite_links(by_suite(accuracy, classes))
    return PAGE.format(
        n_models=len(MODELS),
        n_tasks=count_tasks(accuracy),
        floor=FLOOR,
        most_himalaya=MOST_ROWS_OF_HIMALAYA,
        most_chaos=MOST_CHAOS_PRODUCTS,
        failures=failures(accuracy),
        suites="".join(links[name] for name in SUITES if name not in OF_CLASSES),
        n_class_tasks=count_tasks(classes),
        n_bins=N_BINS,
        most_real_mlp=MOST_ROWS_FOR_CLASSES["RealMLP"],
        most_gaussian=MOST_ROWS_FOR_CLASSES["GaussianProcess"],
        class_failures=failures(classes),
        class_suites="".join(links[name] for name in SUITES if name in OF_CLASSES),
        toctree="\n".join(f"   benchmarks/{name}" for name in [*SUITES, "speed"]),
    )


def count_tasks(result):
    return len(set(result.columns["task"].tolist()))
