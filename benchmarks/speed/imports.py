"""Import time."""

from speed.case import Case, Side

TITLE = "Import"
WORK = {
    "TwoLayerGDRegressor": "from sklearn_depth import TwoLayerGDRegressor",
    "sklearn.linear_model": "import sklearn.linear_model",
}


def cases(quick):
    """An estimator brings what it needs alone, so the package itself costs nothing."""
    ours, theirs = (Side(name, work) for name, work in WORK.items())
    return [Case(" / ".join(WORK), 2, ours, theirs, asked="<= 1.15", repeats=6)]
