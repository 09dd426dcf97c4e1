"""The tables of the report."""

from itertools import groupby

from speed.summary import summary

HEADER = (
    "case",
    "time, ours / theirs",
    "ratio (range)",
    "MiB, ours / theirs",
    "also measured",
    "asked",
    "met",
)
WIDTHS = 34, 14, 16, 12, 14, 6, 4
OF = {
    "cpu": "of CPU time",
    "above": "of memory",
    "MiB": "MiB",
    "a_row": "a row",
    "ms": "ms",
}
# What has a column of its own, or is there to be compared by the machine.
TOLD = "seconds", "cpu", "MiB", "above", "same", "a_row", "ms"


def speed_section(rows):
    """reStructuredText of all tables, by subject."""
    parts = [
        f"{group}\n{'^' * len(group)}\n\n{list_table(cases)}"
        for group, cases in groupby(summary(rows), key=lambda case: case["group"])
    ]
    return "\n\n".join(parts) + "\n"


def list_table(cases):
    """A table of one subject."""
    table = [
        ".. list-table::",
        "   :header-rows: 1",
        f"   :widths: {' '.join(map(str, WIDTHS))}",
        "   :class: benchmark",
        "",
    ]
    for cells in (HEADER, *map(cells_of, cases)):
        starts = ["   * -", *["     -"] * (len(cells) - 1)]
        pairs = zip(starts, map(escape, cells), strict=True)
        table += [f"{start} {cell}".rstrip() for start, cell in pairs]
    return "\n".join(table)


def lines(rows):
    """The same for a terminal, a line a case."""
    return "\n".join(" | ".join(cells_of(case)) for case in summary(rows))


def escape(text):
    """Characters that are markup in reStructuredText, as they stand."""
    return "".join(f"\\{c}" if c in "*`|_\\" else c for c in text)


def cells_of(case):
    if "value" not in case:
        return [case["case"], "failed", "", "", case["error"], *bar(case)]
    time = "cpu" if case["of"] == "cpu" else "seconds"
    memory = "above" if case["of"] == "above" else "MiB"
    return [
        case["case"],
        both(case, time, duration),
        ratio(case),
        both(case, memory, "{:.0f}".format),
        also(case),
        *bar(case),
    ]


def bar(case):
    return case["asked"].replace("<=", "≤").replace(">=", "≥"), case["met"]


def both(case, name, show):
    """A number of both sides, or of ours where it stands alone."""
    found = (case.get(f"{whose}_{name}") for whose in ("ours", "theirs"))
    return " / ".join(show(number) for number in found if number is not None)


def ratio(case):
    """The median, the range of several repeats, and what it is of."""
    text = digits(case["value"])
    if case["repeats"] > 1:
        text += f" ({digits(case['least'])}-{digits(case['most'])})"
    return " ".join([text, *([OF[case["of"]]] if case["of"] in OF else [])])


def also(case):
    """Numbers of the sides' own, such as errors."""
    names = {
        key.split("_", 1)[1]: None
        for key in case
        if key.startswith(("ours_", "theirs_"))
    }
    own = [name for name in names if name not in TOLD]
    return "; ".join(
        f"{name.replace('_', ' ')} {both(case, name, digits)}" for name in own
    )


def duration(seconds):
    """In the unit that suits it."""
    if seconds >= 1:
        return f"{digits(seconds)} s"
    return (
        f"{digits(1e3 * seconds)} ms" if seconds > 1e-3 else f"{1e6 * seconds:.0f} µs"
    )


def digits(number):
    """Three significant digits, all before the point."""
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"
