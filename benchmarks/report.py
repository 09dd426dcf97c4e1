"""The page and the figures of the report, from the tables of a run."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import scale
from accuracy.class_models import MOST_ROWS as MOST_ROWS_FOR_CLASSES
from accuracy.class_scores import N_BINS
from accuracy.class_tables import ClassTable
from accuracy.competitors import few_rows
from accuracy.figure import draw
from accuracy.intervals import mean_ratios, over_best_rival
from accuracy.models import MODELS, MOST_CHAOS_PRODUCTS, MOST_ROWS_OF_HIMALAYA
from accuracy.models import MOST_ROWS as MOST_ROWS_FOR_NUMBERS
from accuracy.real import MOST_CATEGORIES, MOST_ROWS
from accuracy.significance import against, critical_difference
from accuracy.summary import FLOOR, OF_CLASSES, ranks, shown, summary_of
from accuracy.tables import Table
from accuracy.time_figure import draw_times
from accuracy.won_figure import draw_won
from speed import speed_section

from sklearn_depth.studies import StudyResult

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"

LOST = 1.02  # times the best rival's error
PAGE, SUITE, COSTS = (
    (HERE / name).read_text() for name in ("page.rst", "suite.rst", "costs.rst")
)
OTHERS = "speed", "costs"
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
    whole = np.flatnonzero(suite.whole)
    errors = suite.floored[:, whole]
    mean_ranks = ranks(errors).mean(axis=0)
    order = np.argsort(mean_ranks, kind="stable")
    at = whole[order]
    poor, counts = suite.poor()
    low, high = mean_ratios(suite)
    columns = {
        "model": [bold(suite.models[m], suite.is_ours[m]) for m in at],
        "mean rank": [f"{rank:.1f}" for rank in mean_ranks[order]],
        f"{suite.word} / best, geometric mean": [
            f"{suite.mean_ratios[m]:.2f} ({low[m]:.2f} to {high[m]:.2f})" for m in at
        ],
        "p against the first": [
            "" if m == order[0] else p_value(p)
            for m, p in zip(order, against(errors, order[0])[order], strict=True)
        ],
        "best on": np.sum(suite.ratios == 1, axis=0)[at],
        poor: counts[at],
        "failed on": suite.failed[at],
        "CPU seconds of a fit, median": [
            f"{seconds:.2g}" for seconds in suite.typical_seconds[at]
        ],
        **{
            title: [f"{value:.3g}" for value in column[at]]
            for title, column in suite.further().items()
        },
    }
    return list_table(columns, zip(*columns.values(), strict=True))


def bold(text, strong):
    return f"**{text}**" if strong else text


def p_value(p):
    return f"{p:.2g}" if p >= 0.001 else "below 0.001"


def apart(suite):
    """A sentence: when the mean ranks of a table differ by more than chance."""
    n_models, n_tasks = suite.whole.sum(), len(suite.tasks)
    distance = critical_difference(n_models, n_tasks)
    return (
        f"Mean ranks among these {n_models} models differ at the level of 5 % if they "
        f"are more than {distance:.1f} apart (Nemenyi).\n"
    )


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
                bold(f"{ratio:.2f}", ratio < 1),
                by_draw(suite, t, pick, rival),
            )
        )
    word = suite.word
    return list_table(
        ("task", "our pick", word, "rank", "best rival", word, "ratio", "on each draw"),
        rows,
    )


def by_draw(suite, t, pick, rival):
    """The ratio of two models on each draw of a task."""
    ratios = suite.by_draw(t, pick, rival)
    return ", ".join(f"{ratio:.2f}" for ratio in ratios)


def pick_summary(suite):
    """A sentence: wins, and the geometric mean of the ratios to the best rival."""
    ratios = np.array([ratio for *_, ratio in suite.picks()])
    means, (low, high) = over_best_rival(suite)
    return (
        f"Our pick has less {suite.word} than the best rival on {np.sum(ratios < 1)} "
        f"of {len(ratios)} tasks; over all of them the ratio of the two has the "
        f"geometric mean {means[-1]:.2f} ({low[-1]:.2f} to {high[-1]:.2f}) and the "
        f"median {np.median(ratios):.2f}.\n"
    )


def losses(suite):
    """Where the best rival does better than our pick, and why."""
    models, lines = suite.models, []
    for t, pick, rival, ratio in suite.picks():
        if ratio > LOST:
            name = suite.tasks[t].name
            why = REASONS.get(name, "not explained yet.").replace("\n", " ")
            lines.append(
                f"- *{escaped(shown(name))}*, {ratio:.2f} times {models[rival]} "
                f"({by_draw(suite, t, pick, rival)} by draw): {why}"
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


def suite_page(suite, name):
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
            folded(title, f"{summary_table(few)}\n{apart(few)}")
            for title, few in summaries(suite, few_rows(name))
        ),
        errors=folded(f"All {suite.words}", error_table(suite)),
    )


def summaries(suite, most):
    """Of models over all tasks, and over those of few samples for slow ones."""
    yield "All models over all tasks", suite
    n_few = sum(task.n <= most for task in suite.tasks)
    if n_few > 1 and not suite.whole.all():
        few = suite.of_few_rows()
        title = f"The {n_few} tasks of up to {most} training samples"
        yield f"{title}, with models that are slow on more", few


def suite_links(suites, of_classes):
    """What each suite comes to, and where its page is."""
    return "".join(
        f"- :doc:`benchmarks/{name}`. {pick_summary(suite)}"
        for name, suite in suites.items()
        if (name in OF_CLASSES) == of_classes
    )


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
    sizes = pd.read_parquet(output / "scale.parquet")
    folder = output if quick else DOCS
    for name in ("images", "benchmarks"):
        (folder / name).mkdir(exist_ok=True)
    suites = by_suite(accuracy, classes)
    draw_all(suites, folder / "images")
    for name, text in pages_of(suites, accuracy, classes, speed, sizes).items():
        (folder / name).write_text(text)


def draw_all(suites, folder):
    """A map of each suite, errors against times, and what is won in one look."""
    titles = {name: SUITES[name]["title"] for name in suites}
    for name, suite in suites.items():
        draw(suite, titles[name], folder / f"benchmarks_{name}.svg")
    draw_times(suites, titles, folder / "benchmarks_times.svg")
    draw_won(suites, titles, folder / "won.svg")


def by_suite(accuracy, classes):
    """The errors of each suite, from the table that has it."""
    return {
        name: summary_of(classes if name in OF_CLASSES else accuracy, name)
        for name in SUITES
    }


def pages_of(suites, accuracy, classes, speed, sizes):
    """The text of each page: the overview, one a suite, speed and costs."""
    return {
        "benchmarks.rst": overview(suites, accuracy, classes),
        **{f"benchmarks/{k}.rst": suite_page(suite, k) for k, suite in suites.items()},
        "benchmarks/speed.rst": SPEED + speed_section(speed),
        "benchmarks/costs.rst": costs_page(sizes),
    }


def costs_page(sizes):
    """How time and memory rise with samples and features."""
    return COSTS.format(
        long=scale.LONG,
        too_long=scale.TOO_LONG,
        most=scale.SAMPLES[-1][0],
        n_last=scale.N_LAST,
        least=scale.LEAST_MIB,
        table=list_table(scale.HEADER, scale.cost_rows(sizes)),
    )


def overview(suites, accuracy, classes):
    """How all was measured, and what each suite comes to."""
    return PAGE.format(
        n_models=len(MODELS),
        n_tasks=count_tasks(accuracy),
        floor=FLOOR,
        most_himalaya=MOST_ROWS_OF_HIMALAYA,
        most_chaos=MOST_CHAOS_PRODUCTS,
        most_process=MOST_ROWS_FOR_NUMBERS["GaussianProcess, ARD"],
        failures=failures(accuracy),
        suites=suite_links(suites, of_classes=False),
        n_class_tasks=count_tasks(classes),
        n_bins=N_BINS,
        most_real_mlp=MOST_ROWS_FOR_CLASSES["RealMLP"],
        most_gaussian=MOST_ROWS_FOR_CLASSES["GaussianProcess"],
        class_failures=failures(classes),
        class_suites=suite_links(suites, of_classes=True),
        toctree="\n".join(
            f"   benchmarks/{name}" for name in [*SUITES, "speed", "costs"]
        ),
    )


def count_tasks(result):
    return len(set(result.columns["task"].tolist()))
