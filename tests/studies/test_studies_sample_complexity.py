"""Curves: every number again by hand, from the seeds in the table."""

import sys
import warnings
from functools import partial

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification, make_friedman1
from sklearn.ensemble import RandomForestRegressor, VotingRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, get_scorer, make_scorer, r2_score
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor
from study_helpers import (
    Failing,
    LoggedRidge,
    assert_same_table,
    logged_study,
    make_data,
)

from sklearn_depth.datasets import make_single_index
from sklearn_depth.metrics import normalized_mse
from sklearn_depth.studies import run_cells, sample_complexity_curve
from sklearn_depth.studies._fit_and_score import seeded

tree = DecisionTreeRegressor(max_features=1, max_depth=3)
searched = GridSearchCV(
    make_pipeline(StandardScaler(), clone(tree)),
    {"decisiontreeregressor__max_depth": [1, 3]},
    cv=KFold(3, shuffle=True),
)
learners = {"tree": tree, "search": searched, "linear": LinearRegression()}
SIZES = {"train_sizes": [12, 40], "n_features": [2, 3], "n_repeats": 2, "n_test": 60}


def curve(estimators=learners, make_dataset=make_data, **changes):
    arguments = SIZES | {"random_state": 5} | changes
    return sample_complexity_curve(estimators, make_dataset, **arguments)


@pytest.fixture(scope="module")
def result():
    return curve()


def by_hand(row):
    """The fit of a row, written out."""
    n, d, seed = row["n_samples"], row["n_features"], row["data_seed"]
    X, y, truth = make_data(n_samples=n + 60, n_features=d, random_state=seed)
    model = clone(learners[row["estimator"]])
    seed = row["estimator_seed"]
    if row["estimator"] == "tree":
        model.set_params(random_state=seed)
    if row["estimator"] == "search":
        folds = KFold(3, shuffle=True, random_state=seed)
        model.set_params(cv=folds, estimator__decisiontreeregressor__random_state=seed)
    predicted = model.fit(X[:n], y[:n]).predict(X[n:])
    return np.mean((truth(X[n:]) - predicted) ** 2) / np.var(truth(X[n:]))


def test_numbers_are_those_of_a_loop_by_hand(result):
    assert len(result) == 24
    for row in result.rows():
        assert row["normalized_mse"] == pytest.approx(by_hand(row), rel=1e-9)
        assert row["fit_time"] > 0
        assert row["score_time"] > 0
        assert row["error"] == ""


def test_rows_come_by_repeat_dimension_size_and_estimator(result):
    found = [tuple(row.values())[:4] for row in result.rows()]
    assert found == [
        (name, n, d, repeat)
        for repeat in range(2)
        for d in (2, 3)
        for n in (12, 40)
        for name in learners
    ]


def seeds_of(result):
    """{place: seeds}, each place with those of all estimators."""
    seeds = {}
    for row in result.rows():
        place = row["n_samples"], row.get("n_features"), row["repeat"]
        seeds.setdefault(place, set()).add((row["data_seed"], row["estimator_seed"]))
    return seeds


def test_seeds_are_shared_by_estimators_and_nothing_else(result):
    seeds = seeds_of(result)
    assert all(len(pairs) == 1 for pairs in seeds.values())
    distinct = {seed for pairs in seeds.values() for pair in pairs for seed in pair}
    assert len(distinct) == 2 * len(seeds) == 16


def test_seeds_and_numbers_stay_when_the_grid_grows(result):
    more = {"train_sizes": [7, 12, 40], "n_features": [2, 3, 4], "n_repeats": 3}
    grown = curve({"tree": tree, "mean": Ridge(1e9)}, **more)
    seeds = seeds_of(grown)
    assert {place: seeds[place] for place in seeds_of(result)} == seeds_of(result)
    for row in result.select(estimator="tree").rows():
        where = {name: row[name] for name in ("n_samples", "n_features", "repeat")}
        (again,) = grown.select(estimator="tree", **where).rows()
        assert again["normalized_mse"] == row["normalized_mse"]


def test_another_seed_draws_other_data(result):
    other = curve({"linear": LinearRegression()}, random_state=6)
    pairs = zip(seeds_of(other).values(), seeds_of(result).values(), strict=True)
    assert all(not found & expected for found, expected in pairs)


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_generators_seed_a_study(make):
    first, second = (curve({"l": Ridge()}, random_state=make(3)) for _ in range(2))
    assert_same_table(first, second)
    assert_same_table(curve({"l": Ridge()}, random_state=first.config["random_state"]),
                      first)  # fmt: skip
    unseeded = curve({"l": Ridge()}, random_state=None)
    assert seeds_of(unseeded) != seeds_of(curve({"l": Ridge()}, random_state=None))


def test_missing_seeds_are_set_and_given_ones_stay():
    folds = KFold(3, shuffle=True, random_state=7)
    forests = [RandomForestRegressor(), RandomForestRegressor(random_state=8)]
    model = VotingRegressor(
        [
            ("search", GridSearchCV(make_pipeline(tree), {}, cv=ShuffleSplit(2))),
            ("set", GridSearchCV(DecisionTreeRegressor(random_state=9), {}, cv=folds)),
            ("several", GridSearchCV(make_pipeline(tree), [{"tree": forests}])),
        ]
    )  # fmt: skip
    copy = seeded(clone(model), 123)
    params = copy.get_params()
    assert params["search__estimator__decisiontreeregressor__random_state"] == 123
    assert params["search__cv"].random_state == 123
    assert params["set__estimator__random_state"] == 9
    assert params["set__cv"].random_state == 7
    candidates = params["several__param_grid"][0]["tree"]
    assert [forest.random_state for forest in candidates] == [123, 8]
    assert model.get_params()["search__cv"].random_state is None
    assert forests[0].random_state is None


def test_estimators_are_left_alone(result):
    assert tree.random_state is None
    assert searched.cv.random_state is None
    assert not hasattr(searched, "best_params_")


def test_the_truth_is_scored_without_noise():
    noisy = partial(make_single_index, link=[0, 1], noise=3.0, return_truth=True)
    arguments = {"train_sizes": [2000], "n_features": 2, "n_repeats": 1}
    known = curve({"linear": LinearRegression()}, noisy, **arguments)
    assert known.columns["normalized_mse"][0] < 0.05
    unknown = partial(make_single_index, link=[0, 1], noise=3.0)
    scored = curve({"linear": LinearRegression()}, unknown, **arguments, n_test=5000)
    assert scored.columns["normalized_mse"][0] == pytest.approx(0.9, abs=0.1)
    assert known.columns["data_seed"] == scored.columns["data_seed"]


def test_generators_of_scikit_learn_with_their_own_dimension():
    found = curve(
        LinearRegression(), make_friedman1, train_sizes=(30,), n_features=None
    )
    assert "n_features" not in found.columns
    assert set(found.columns["estimator"]) == {"LinearRegression"}
    for row in found.rows():
        X, y = make_friedman1(n_samples=90, random_state=row["data_seed"])
        model = LinearRegression().fit(X[:30], y[:30])
        expected = normalized_mse(y[30:], model.predict(X[30:]))
        assert row["normalized_mse"] == pytest.approx(expected, rel=1e-9)


def test_sizes_may_depend_on_the_dimension():
    found = curve(Ridge(), train_sizes=lambda d: [d**3, 10 * d, 10 * d])
    sizes = {row["n_features"]: set() for row in found.rows()}
    for row in found.rows():
        sizes[row["n_features"]].add(row["n_samples"])
    assert sizes == {2: {8, 20}, 3: {27, 30}}
    assert found.config["train_sizes"] == {"2": [8, 20], "3": [27, 30]}


def test_numpy_numbers_leave_a_configuration_that_can_be_saved(tmp_path):
    found = curve(
        Ridge(),
        train_sizes=np.array([20]),
        n_features=np.int64(2),
        n_repeats=np.int64(1),
        n_test=np.int64(30),
        random_state=np.int64(0),
    )
    found.save(tmp_path / "result.csv")
    assert found.config["n_test"] == 30


def test_the_configuration_says_what_was_run():
    steps = [StandardScaler(with_std=False) for _ in range(25)]
    model = make_pipeline(*steps, Ridge(alpha=12.25))
    make = partial(make_single_index, noise=0.125)
    config = curve({"p": model}, make, n_repeats=1).config
    assert config["estimators"]["p"].count("StandardScaler(with_std=False)") == 25
    assert "Ridge(alpha=12.25)" in config["estimators"]["p"]
    assert config["make_dataset"].endswith("make_single_index(noise=0.125)")
    assert (config["n_test"], config["random_state"]) == (60, 5)


def root_error(model, X, y):
    return np.sqrt(np.mean((model.predict(X) - y) ** 2))


@pytest.mark.parametrize(
    ("scoring", "names", "directions"),
    [
        ("r2", ["r2"], ["higher"]),
        (["r2", "normalized_mse"], ["r2", "normalized_mse"], ["higher", "lower"]),
        (("r2",), ["r2"], ["higher"]),
        (root_error, ["score"], ["higher"]),
        ({"a": root_error, "b": "neg_max_error"}, ["a", "b"], ["higher", "higher"]),
        (make_scorer(lambda y, p: r2_score(y, p)), ["score"], ["higher"]),
        ({"lower": "normalized_mse"}, ["lower"], ["lower"]),
    ],
)
def test_scores_of_all_forms(scoring, names, directions):
    found = curve(Ridge(), scoring=scoring, n_repeats=1)
    assert [*found.columns][6:-4] == names
    assert found.config["scoring"] == dict(zip(names, directions, strict=True))
    for row in found.rows():
        n, seed = row["n_samples"], row["data_seed"]
        X, y, truth = make_data(n + 60, row["n_features"], random_state=seed)
        model, rest = Ridge().fit(X[:n], y[:n]), X[n:]
        expected = {
            "r2": r2_score(truth(rest), model.predict(rest)),
            "normalized_mse": normalized_mse(truth(rest), model.predict(rest)),
            "a": root_error(model, rest, truth(rest)),
            "b": get_scorer("neg_max_error")(model, rest, truth(rest)),
        }
        expected["lower"] = expected["normalized_mse"]
        expected["score"] = expected["a" if scoring is root_error else "r2"]
        for name in names:
            assert row[name] == pytest.approx(expected[name], rel=1e-9)


def test_classifiers():
    make = partial(make_classification, n_informative=2, n_redundant=0)
    found = curve(LogisticRegression(), make, n_features=[4], scoring="accuracy")
    for row in found.rows():
        n = row["n_samples"]
        X, y = make(n_samples=n + 60, n_features=4, random_state=row["data_seed"])
        predicted = LogisticRegression().fit(X[:n], y[:n]).predict(X[n:])
        assert row["accuracy"] == accuracy_score(y[n:], predicted)


def test_fitted_estimators_are_returned_in_the_order_of_rows(result):
    found = curve(return_estimators=True)
    assert_same_table(found, result)
    assert result.estimators is None
    for row, model in zip(found.rows(), found.estimators, strict=True):
        n, d = row["n_samples"], row["n_features"]
        X, _, truth = make_data(n + 60, d, random_state=row["data_seed"])
        error = normalized_mse(truth(X[n:]), model.predict(X[n:]))
        assert row["normalized_mse"] == pytest.approx(error, rel=1e-9)
    chosen = found.select(estimator="search", repeat=1)
    assert [type(model) for model in chosen.estimators] == [GridSearchCV] * 4


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_workers_give_the_same_numbers(result, backend):
    with joblib.parallel_config(backend=backend):
        assert_same_table(curve(n_jobs=2), result)


def test_failing_fits_are_recorded_and_the_study_goes_on(tmp_path):
    failing = {"f": Failing(log=str(tmp_path / "log")), "linear": LinearRegression()}
    sizes = {"train_sizes": [10, 20, 30], "n_repeats": 1}
    with pytest.warns(FitFailedWarning, match=r"2 of 12 cells.*\n.*twenty") as caught:
        found = curve(failing, **sizes)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    failed = (found.columns["estimator"] == "f") & (found.columns["n_samples"] == 20)
    for name in ("normalized_mse", "fit_time", "score_time"):
        np.testing.assert_array_equal(np.isnan(found.columns[name]), failed)
    assert set(found.columns["error"][failed]) == {"RuntimeError: twenty, \n'rows'"}
    assert set(found.columns["error"][~failed]) == {""}
    expected = curve({"linear": LinearRegression()}, **sizes)
    assert_same_table(found.select(estimator="linear"), expected)


def test_a_study_of_failures_alone_has_all_columns(tmp_path):
    failing = Failing(log=str(tmp_path / "log"))
    with pytest.warns(FitFailedWarning):
        found = curve(failing, train_sizes=[20], n_jobs=2)
    assert np.isnan(found.columns["normalized_mse"]).all()
    assert found.columns["normalized_mse"].dtype == float


class PredictsNaN(LinearRegression):
    def predict(self, X):
        return np.where(X[:, 0] > 0, np.nan, 0.0)


@pytest.mark.parametrize("scoring", ["r2", root_error, "normalized_mse"])
def test_scores_that_are_no_numbers_are_errors(scoring):
    with pytest.warns(FitFailedWarning, match="NaN|score 'score' is nan"):
        found = curve(PredictsNaN(), scoring=scoring)
    assert (found.columns["error"] != "").all()


def test_failures_of_run_cells_name_the_line_of_the_caller():
    with pytest.warns(FitFailedWarning) as caught:
        run_cells(lambda number: {"share": 1 / number}, [{"number": 0}, {"number": 1}])
    first, last = (str(warning.message) for warning in caught)
    assert first.startswith("The first cell failed, {'number': 0}. It raised:\nZero")
    assert last.startswith("1 of 2 cells failed")
    assert {warning.filename for warning in caught} == {__file__}


def test_what_ends_its_process_is_the_error_of_its_cell():
    with pytest.warns(FitFailedWarning, match="1 of 1 cells|The first cell"):
        result = run_cells(lambda status: sys.exit(status), [{"status": 0}])
    assert result.columns["error"] == ["SystemExit: 0"]


class NoFit:
    def get_params(self, deep=True):
        return {}


class NoParameters:
    def fit(self, X, y):
        return self


def shapes(X_shape, y_shape):
    """A generator of these shapes, the number of rows for "n"."""

    def make(n_samples, n_features=2, random_state=None):
        sizes = {"n": n_samples, "d": n_features}
        return tuple(
            np.ones([sizes.get(size, size) for size in shape])
            for shape in (X_shape, y_shape)
        )

    return make


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"estimators": NoFit()}, "iterable|Pass a dict"),
        ({"estimators": {"a": NoFit()}}, r"estimator 'a' is .* no fit"),
        ({"estimators": {"a": NoParameters()}}, r"no get_params"),
        ({"estimators": {"a": Ridge}}, r"which is a class"),
        ({"estimators": Ridge}, r"which is a class"),
        ({"estimators": None}, r"Pass a dict"),
        ({"estimators": {}}, r"there is nothing to fit"),
        ({"estimators": []}, r"there is nothing to fit"),
        ({"estimators": [Ridge()]}, r"list of pairs"),
        ({"estimators": [("a", Ridge()), ("a", Ridge())]}, r"share the names \['a'\]"),
        ({"estimators": {1: Ridge()}}, r"name 1 .* not a string"),
        ({"estimators": {"": Ridge()}}, r"not a string"),
        ({"train_sizes": []}, r"train_sizes is empty"),
        ({"train_sizes": lambda d: []}, r"train_sizes is empty"),
        ({"train_sizes": [0, 5]}, r"positive whole numbers, got \[0, 5\]"),
        ({"train_sizes": [0.1, 1.0]}, r"Shares have no meaning"),
        ({"train_sizes": [True]}, r"positive whole numbers"),
        ({"train_sizes": [[5, 6]]}, r"positive whole numbers"),
        ({"train_sizes": 5}, r"train_sizes"),
        ({"n_features": []}, r"n_features is empty"),
        ({"n_features": [-1]}, r"n_features must be positive"),
        ({"n_features": ["2"]}, r"n_features must be positive"),
        ({"n_repeats": 0}, r"n_repeats"),
        ({"n_test": 1}, r"n_test"),
        ({"scoring": "no such score"}, r"neither one of ..normalized_mse., .excess"),
        ({"scoring": []}, r"scoring is empty"),
        ({"scoring": [root_error]}, r"not all of which are strings"),
        ({"scoring": {"a": ["r2"]}}, r"neither one of"),
        ({"scoring": {"a": None}}, r"has None, which is neither one of"),
        ({"scoring": {"fit_time": "r2"}}, r"scores \['fit_time'\] are named as other"),
        ({"make_dataset": None}, r"make_dataset"),
        ({"make_dataset": shapes(["n", "d"], [3])}, r"y of shape \(3,\)"),
        ({"make_dataset": shapes(["n", 5], ["n"])}, r"X of shape \(12, 5\)"),
        ({"make_dataset": shapes([7, "d"], ["n"])}, r"must have 12 samples"),
        ({"make_dataset": shapes(["n"], ["n"]), "n_features": None}, r"shape \(12,\)"),
        ({"make_dataset": shapes(["n", "d", 1], ["n"])}, r"must have 12 samples"),
        ({"make_dataset": shapes(["n", "d"], [])}, r"y of shape \(\)"),
        ({"make_dataset": lambda **sizes: np.ones((12, 2))}, r"returned ndarray"),
        ({"make_dataset": lambda **sizes: (1,)}, r"must return X, y or X, y, truth"),
        ({"make_dataset": lambda n_samples, n_features, random_state: (
            np.ones((n_samples, n_features)), np.ones(n_samples), np.ones(n_samples)
        )}, r"a truth, ndarray, that cannot be called"),
        ({"make_dataset": lambda n_samples: None}, r"unexpected keyword"),
        ({"memory": "cells", "random_state": None}, r"Pass an int"),
        ({"memory": 5}, r"memory"),
        ({"random_state": -1}, r"random_state"),
        ({"n_jobs": 0}, r"n_jobs == 0"),
        ({"verbose": "loud"}, r"verbose"),
    ],
)  # fmt: skip
def test_bad_input_is_told_before_any_fit(changes, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = tmp_path / "log"
    estimators = {"counted": LoggedRidge(log=str(log))}
    with pytest.raises((ValueError, TypeError), match=message):
        curve(**{"estimators": estimators} | changes)
    assert not log.exists()
    assert not (tmp_path / "cells").exists()


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([], "cells is empty"),
        ([{"a": 1}, {"a": 1}], r"cell \{'a': 1\} comes up twice"),
        ([{"a": 1}, {"b": 1}], r"first cell has \['a'\] and another \['b'\]"),
        ([1, 2], r"cells has 1. Pass dicts"),
        ([{"error": 1}], r"none named 'error'"),
        ([{"a": [1, 2]}], r"column 'a' is of shape \(1, 2\)"),
        ([{"a": None}], r"column 'a' .*object"),
        ([{"a": 2**80}], r"column 'a' .*object"),
    ],
)
def test_bad_cells_are_told_before_any_is_measured(cells, message):
    measured = []
    with pytest.raises(ValueError, match=message):
        run_cells(lambda **cell: measured.append(cell), cells)
    with pytest.raises(TypeError, match=r"'measure' .* must be a callable"):
        run_cells(None, [{"a": 1}])
    assert not measured


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "TypeError"),
        ({"a": [1, 2]}, r"column 'a' is of shape \(1, 2\)"),
        ({"a": None}, "column 'a'"),
        ({"a": 1j}, "complex"),
        ({"error": 0.5}, r"names \['error'\] of other columns"),
        ({"k": 3}, r"names \['k'\] of other columns"),
    ],
)
def test_what_a_table_cannot_hold_is_the_error_of_its_cell(given, message):
    cells = [{"k": 0}, {"k": 1}]
    with pytest.warns(FitFailedWarning, match=message):
        found = run_cells(lambda k: given if k else {"a": 4.5, "b": "word"}, cells)
    assert found.columns["k"].tolist() == [0, 1]
    assert found.columns["a"][0] == 4.5
    assert np.isnan(found.columns["a"][1])
    assert found.columns["b"].tolist() == ["word", ""]
    assert [error == "" for error in found.columns["error"]] == [True, False]


def test_cells_of_a_known_result_are_not_measured_again(tmp_path):
    """Whole numbers beside others are floats in a table."""
    measured = []

    def measure(width, kind):
        measured.append(width)
        return {"area": width**2}

    cells = [{"width": width, "kind": "a, 'b'"} for width in (1, 2.5, 4)]
    first = run_cells(measure, cells[:2])
    first.save(tmp_path / "first.csv")
    known = type(first).load(tmp_path / "first.csv")
    found = run_cells(measure, cells, known=known)
    assert measured == [1, 2.5, 4]
    np.testing.assert_array_equal(found.columns["area"], [1, 6.25, 16])


def test_nothing_is_written_to_what_is_no_terminal(capfd, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tqdm, where there are no widgets
        logged_study(tmp_path / "log", verbose=1, n_repeats=1)
    logged_study(tmp_path / "log", n_repeats=1)
    assert capfd.readouterr() == ("", "")


def test_a_terminal_has_a_bar_if_asked_for(monkeypatch, tmp_path):
    written = []

    class Terminal:
        encoding = "utf-8"
        write = staticmethod(written.append)

        def flush(self):
            pass

        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    logged_study(tmp_path / "log", n_repeats=1)
    assert not written
    logged_study(tmp_path / "log", n_repeats=1, verbose=1)
    assert "12/12" in "".join(written)
