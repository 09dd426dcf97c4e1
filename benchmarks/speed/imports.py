"""Import time."""

from speed.case import Case, Side

TITLE = "Import"


def cases(quick):
    ours, theirs = (
        Side(module, f"import {module}")
        for module in ("sklearn_depth", "sklearn.linear_model")
    )
    title = "the package / sklearn.linear_model"
    return [Case(title, 2, ours, theirs, asked="<= 1.15", repeats=6)]
