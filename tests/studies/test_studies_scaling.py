"""Exponents of samples in the dimension, from curves whose crossings are known."""

from functools import partial

import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.datasets import make_regression
from sklearn.linear_model import LinearRegression

from sklearn_depth.studies import (
    SampleComplexityDisplay,
    ScalingExponentDisplay,
    StudyResult,
    sample_complexity_curve,
    scaling_exponent,
)
from sklearn_depth.studies._export import medians
from sklearn_depth.studies._scaling import fit_exponents
from sklearn_depth.studies._shown import TOO_LATE

SIZES = np.array([10, 30, 100, 300, 1000, 3000, 10_000])


def study(scores, sizes=SIZES, direction="lower"):
    """A result from {(estimator, d, repeat): scores at the sizes}."""
    columns = {name: [] for name in ("estimator", "n_features", "repeat")}
    for key in scores:
        for name, value in zip(columns, key, strict=True):
            columns[name] += [value] * len(sizes)
    columns["n_samples"] = np.tile(sizes, len(scores))
    columns["score"] = np.concatenate([np.asarray(s, float) for s in scores.values()])
    return StudyResult(columns, {"scoring": {"score": direction}})


def crossing_at(n, sizes=SIZES, target=0.1):
    """Errors that are a power of n through the target at n."""
    return target * (sizes / n) ** -0.7


def first_row(result):
    return result.rows()[0]


@pytest.mark.parametrize("power", [0.0, 1.0, 2.5])
def test_a_power_law_has_its_exponent_and_constant(power):
    scores = {
        ("a", d, r): crossing_at(20 * d**power) for d in (2, 4, 9) for r in (0, 1)
    }
    exponents, needed = scaling_exponent(study(scores), 0.1)
    row = first_row(exponents)
    for end in ("", "_low", "_high"):
        assert row["exponent" + end] == pytest.approx(power, abs=1e-5)
        assert row["median_exponent" + end] == pytest.approx(power, abs=1e-10)
    assert row["constant"] == pytest.approx(20, rel=1e-5)
    assert row["spread"] < 1e-5
    assert (row["n_used"], row["n_censored"]) == (3, 0)
    np.testing.assert_allclose(
        needed.columns["n_samples"], [20 * d**power for d in (2, 4, 9)]
    )
    assert set(needed.columns["censored"]) == {""}


def test_exponents_are_least_squares_slopes_where_all_repeats_cross():
    """Of all repeats, with Student's interval, and of the medians."""
    crossings = {2: [15, 60, 90], 5: [200, 70, 2000], 11: [5000, 150, 900]}
    scores = {
        ("a", d, r): crossing_at(n)
        for d, of_repeats in crossings.items()
        for r, n in enumerate(of_repeats)
    }
    exponents, needed = scaling_exponent(study(scores), 0.1, confidence_level=0.8)
    row = first_row(exponents)
    slope, _ = np.polyfit(np.log([2, 5, 11]), np.log([60, 200, 900]), 1)
    assert row["median_exponent"] == pytest.approx(slope)
    log_d = np.repeat(np.log([2, 5, 11]), 3)
    log_n = np.log(np.concatenate(list(crossings.values())))
    line = stats.linregress(log_d, log_n)
    width = stats.t.ppf(0.9, 7) * line.stderr
    expected = line.slope, line.slope - width, line.slope + width
    found = row["exponent"], row["exponent_low"], row["exponent_high"]
    assert found == pytest.approx(expected, rel=1e-6)
    assert row["constant"] == pytest.approx(np.exp(line.intercept), rel=1e-6)
    residuals = log_n - line.slope * log_d - line.intercept
    assert row["spread"] == pytest.approx(np.sqrt(np.mean(residuals**2)), rel=1e-6)
    np.testing.assert_allclose(needed.columns["n_samples_low"], [15, 70, 150])
    np.testing.assert_allclose(needed.columns["n_samples_high"], [90, 2000, 5000])


def test_scores_where_higher_is_better_cross_on_a_line_in_log_n():
    scores = {("a", d, 0): np.log10(SIZES) - 2 * np.log10(d) for d in (2, 4)}
    exponents, needed = scaling_exponent(study(scores, direction="higher"), 2)
    assert first_row(exponents)["exponent"] == pytest.approx(2)
    np.testing.assert_allclose(needed.columns["n_samples"], [400, 1600])


def test_all_resampled_medians_of_two_repeats():
    """20, the geometric mean 40, or 80 against 10: exponents 1, 2, 3 as 1 : 2 : 1."""
    sizes = np.array([5, 10, 20, 40, 80, 160])
    crossings = {(1, 0): 10, (1, 1): 10, (2, 0): 20, (2, 1): 80}
    scores = {("a", *k): crossing_at(n, sizes) for k, n in crossings.items()}
    result = study(scores, sizes)
    for level, ends in [(0.9, (1, 3)), (0.4, (2, 2))]:
        row = first_row(scaling_exponent(result, 0.1, confidence_level=level)[0])
        found = [row["median_exponent" + end] for end in ("", "_low", "_high")]
        assert found == pytest.approx([2, *ends])


def test_medians_leave_out_dimensions_that_most_repeats_do_not_reach():
    crossings = {2: [40, 40, 1e9], 4: [80, 80, 80], 8: [160, 1e9, 1e9]}
    scores = {
        ("a", d, r): crossing_at(n)
        for d, of_repeats in crossings.items()
        for r, n in enumerate(of_repeats)
    }
    with pytest.warns(UserWarning, match=r"not reached by half .* a at n_features=8\."):
        exponents, needed = scaling_exponent(study(scores), 0.1)
    assert first_row(exponents)["median_exponent"] == pytest.approx(1)
    assert first_row(exponents)["n_censored"] == 1
    assert needed.columns["censored"].tolist() == ["", "", "above"]
    assert needed.columns["n_reached"].tolist() == [2, 3, 1]
    np.testing.assert_allclose(needed.columns["n_samples"], [40, 80, np.inf])
    assert needed.columns["n_samples_high"][0] == np.inf


def test_medians_leave_out_dimensions_that_have_the_target_at_once():
    crossings = {2: [1, 1], 4: [80, 80], 8: [160, 160]}
    scores = {
        ("a", d, r): crossing_at(n)
        for d, s in crossings.items()
        for r, n in enumerate(s)
    }
    with pytest.warns(UserWarning, match="had at the smallest size .* n_features=2"):
        exponents, needed = scaling_exponent(study(scores), 0.1)
    assert first_row(exponents)["median_exponent"] == pytest.approx(1)
    assert needed.columns["censored"].tolist() == ["below", "", ""]
    np.testing.assert_allclose(needed.columns["n_samples"], [0, 80, 160])


def test_half_at_once_and_half_never_is_not_reached():
    crossings = {2: [1, 1e9], 4: [80, 80]}
    scores = {
        ("a", d, r): crossing_at(n)
        for d, s in crossings.items()
        for r, n in enumerate(s)
    }
    with pytest.warns(UserWarning, match="not reached"):
        exponents, needed = scaling_exponent(study(scores), 0.1)
    assert needed.columns["censored"].tolist() == ["above", ""]
    assert np.isnan(first_row(exponents)["median_exponent"])
    assert np.isnan(first_row(exponents)["median_exponent_low"])


def test_a_curve_counts_from_its_last_crossing_in_any_order_of_rows():
    wavy = [1, 0.05, 1, 0.2, 0.05, 0.02, 0.01]
    scores = {("a", 2, 0): wavy, ("a", 4, 0): crossing_at(500)}
    result = study(scores)
    shuffled = np.random.default_rng(0).permutation(len(result))
    columns = {name: values[shuffled] for name, values in result.columns.items()}
    expected = 300 * (1000 / 300) ** (np.log(0.2 / 0.1) / np.log(0.2 / 0.05))
    for table in (result, StudyResult(columns, result.config)):
        _, needed = scaling_exponent(table, 0.1)
        assert needed.columns["n_samples"][0] == pytest.approx(expected)


def test_sizes_that_failed_are_left_out_and_all_failed_is_not_reached():
    curve = crossing_at(200)
    gap = np.where(SIZES == 300, np.nan, curve)
    scores = {("a", 2, 0): gap, ("a", 4, 0): curve, ("a", 8, 0): np.nan * curve}
    with pytest.warns(UserWarning, match="not reached"):
        _, needed = scaling_exponent(study(scores), 0.1)
    np.testing.assert_allclose(needed.columns["n_samples"], [200, 200, np.inf])


def test_an_error_of_zero_is_below_any_target():
    scores = {("a", d, 0): np.where(50 * d > SIZES, 1.0, 0.0) for d in (2, 8)}
    _, needed = scaling_exponent(study(scores), 1e-9)
    assert 30 < needed.columns["n_samples"][0] <= 100
    assert 300 < needed.columns["n_samples"][1] <= 1000


def test_each_estimator_has_its_own_dimensions():
    scores = {("a", d, 0): crossing_at(20 * d) for d in (2, 4)}
    scores |= {("b", d, 0): crossing_at(d**2) for d in (5, 50)}
    exponents, needed = scaling_exponent(study(scores), 0.1)
    assert exponents.columns["estimator"].tolist() == ["a", "b"]
    np.testing.assert_allclose(exponents.columns["exponent"], [1, 2])
    assert needed.columns["n_features"].tolist() == [2, 4, 5, 50]


def test_the_seed_fixes_the_interval():
    rng = np.random.default_rng(0)
    scores = {
        ("a", d, r): crossing_at(50 * d * rng.uniform(0.5, 2))
        for d in (2, 8)
        for r in range(6)
    }
    first, again, other = (
        first_row(
            scaling_exponent(study(scores), 0.1, n_resamples=9, random_state=s)[0]
        )
        for s in (0, 0, 1)
    )
    assert first == again
    assert first["exponent"] == other["exponent"]
    assert first["median_exponent_low"] != other["median_exponent_low"]


def test_least_squares_needs_samples_in_proportion_to_the_dimension():
    """Its excess risk is noise² d / (n - d - 1), for Gaussian inputs."""

    def noisy_plane(n_samples, n_features, random_state):
        rng = np.random.default_rng(random_state)
        X = rng.standard_normal((n_samples, n_features))

        def truth(X):
            return X.sum(axis=1) / np.sqrt(n_features)

        return X, truth(X) + rng.standard_normal(n_samples), truth

    dimensions, target = (8, 16, 32), 0.2
    result = sample_complexity_curve(
        LinearRegression(fit_intercept=False),
        noisy_plane,
        train_sizes=lambda d: [round(d * times) for times in (4, 5, 6, 7, 9)],
        n_features=dimensions,
        n_repeats=60,
        n_test=500,
        random_state=0,
    )
    means = {
        (d, n): np.mean(
            result.select(n_features=d, n_samples=n).columns["normalized_mse"]
        )
        for d in dimensions
        for n in np.unique(result.select(n_features=d).columns["n_samples"])
    }
    for (d, n), error in means.items():
        assert error == pytest.approx(d / (n - d - 1), rel=0.25)
    exponents, _ = scaling_exponent(result, target)
    row = first_row(exponents)
    for name in ("exponent", "median_exponent"):
        assert row[f"{name}_low"] < 1 < row[f"{name}_high"]
        assert row[name] == pytest.approx(1, abs=0.2)


def test_what_cannot_be_fitted_is_refused():
    scores = {("a", d, 0): crossing_at(20 * d) for d in (2, 4)}
    result = study(scores)
    with pytest.raises(ValueError, match=r"target=-1.* must be positive"):
        scaling_exponent(result, -1)
    for target in (np.nan, np.inf):
        with pytest.raises(ValueError, match="must be a finite number"):
            scaling_exponent(result, target)
    with pytest.raises(ValueError, match="score='r2' is not one of the scores"):
        scaling_exponent(result, 0.1, score="r2")
    with pytest.raises(ValueError, match="two dimensions, and n_features is \\[2\\]"):
        scaling_exponent(result.select(n_features=2), 0.1)
    with pytest.raises(
        ValueError, match="does not say which of its columns are scores"
    ):
        scaling_exponent(StudyResult(result.columns), 0.1)
    two = StudyResult(result.columns, {"scoring": {"score": "lower", "r2": "higher"}})
    with pytest.raises(ValueError, match="Choose one by score="):
        scaling_exponent(two, 0.1)
    bare = {k: v for k, v in result.columns.items() if k != "n_features"}
    with pytest.raises(ValueError, match="no column 'n_features'"):
        scaling_exponent(StudyResult(bare, result.config), 0.1)


def test_a_study_without_n_features_has_no_exponent():
    generator = partial(make_regression, n_features=3)
    result = sample_complexity_curve(
        LinearRegression(), generator, train_sizes=[10], n_repeats=1, n_test=10
    )
    with pytest.raises(ValueError, match="Pass n_features"):
        scaling_exponent(result, 0.1)


@pytest.mark.parametrize(
    "crossings",
    [
        {2: [40, 80, 1e9, 1e9], 4: [80, 160, 80, 160]},
        {2: [1, 1, 40, 1], 4: [1, 80, 1, 1]},
        {2: [1e9, 1e9], 4: [1e9, 1e9]},
    ],
    ids=["above", "below", "never"],
)
def test_no_interval_where_there_is_no_exponent_of_medians(crossings):
    """Though some draws of the repeats would have one."""
    scores = {
        ("a", d, r): crossing_at(n)
        for d, of_repeats in crossings.items()
        for r, n in enumerate(of_repeats)
    }
    with pytest.warns(UserWarning, match="medians leave them out") as said:
        row = first_row(scaling_exponent(study(scores), 0.1)[0])
    ends = [row["median_exponent" + end] for end in ("", "_low", "_high")]
    assert np.isnan(ends).all()
    assert {warning.filename for warning in said} == {__file__}


def test_no_interval_without_repeats():
    """Nor of the likelihood from two crossings, which any line fits."""
    scores = {("a", d, 0): crossing_at(20 * d) for d in (2, 4)}
    row = first_row(scaling_exponent(study(scores), 0.1)[0])
    assert row["exponent"] == pytest.approx(1, rel=1e-5)
    assert row["median_exponent"] == pytest.approx(1)
    for name in ("exponent", "median_exponent"):
        assert np.isnan([row[f"{name}_low"], row[f"{name}_high"]]).all()


def test_a_failed_size_leaves_the_likelihood_an_interval():
    """300 failed, so that a crossing is between 100 and 1000 for all that is known."""
    rng = np.random.default_rng(0)
    crossings = {d: 20 * d * rng.lognormal(0, 0.6, 4) for d in (2, 4, 8)}
    scores = {
        ("a", d, r): np.where(SIZES == 300, np.nan, crossing_at(n))
        for d, of_repeats in crossings.items()
        for r, n in enumerate(of_repeats)
    }
    row = first_row(scaling_exponent(study(scores), 0.1)[0])
    n = np.concatenate(list(crossings.values()))
    x, unsure = np.repeat(np.log([2, 4, 8]), 4), (n > 100) & (n < 1000)
    assert 0 < unsure.sum() < 12

    def loss(at):
        middle, spread = at[0] + at[1] * x, np.exp(at[2])
        known = stats.norm.logpdf(np.log(n), middle, spread)
        share = stats.norm.cdf(np.log(1000), middle, spread)
        share -= stats.norm.cdf(np.log(100), middle, spread)
        return -np.where(unsure, np.log(share), known).sum()

    fine = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 9999}
    best = optimize.minimize(loss, [4, 1, -1], method="Nelder-Mead", options=fine).x
    assert row["exponent"] == pytest.approx(best[1], rel=1e-5)
    assert row["constant"] == pytest.approx(np.exp(best[0]), rel=1e-5)
    assert row["spread"] == pytest.approx(np.exp(best[2]), rel=1e-5)


def test_leaving_out_is_biased_downward_and_the_likelihood_is_not():
    """Sizes end below what two dimensions of four need on average."""
    rng, power, sizes = np.random.default_rng(0), 2.0, np.array([4, 100, 2300])
    found, median, covered = [], [], 0
    for _ in range(40):
        scores = {
            ("a", d, r): crossing_at(20 * d**power * rng.lognormal(0, 0.8), sizes)
            for d in (5, 8, 12, 16)
            for r in range(6)
        }
        exponents, _ = fit_exponents(
            study(scores, sizes), 0.1, score=None, confidence_level=0.9, n_resamples=1
        )
        row = first_row(exponents)
        found.append(row["exponent"])
        median.append(row["median_exponent"])
        covered += row["exponent_low"] <= power <= row["exponent_high"]
    median = np.array(median)[np.isfinite(median)]
    error = np.std(found) / np.sqrt(40)
    assert abs(np.mean(found) - power) < 2.5 * error
    assert np.mean(median) < power - 2 * np.std(median) / np.sqrt(len(median))
    assert stats.binom.cdf(covered, 40, 0.9) > 0.01


def test_one_dimension_that_was_reached_gives_a_least_exponent():
    """Not below that of a line through it and where the sizes end."""
    crossings = {4: [50, 60, 80, 70], 8: [1e9] * 4, 16: [1e9] * 4}
    scores = {
        ("a", d, r): crossing_at(n)
        for d, of_repeats in crossings.items()
        for r, n in enumerate(of_repeats)
    }
    with pytest.warns(UserWarning, match="not reached by half"):
        row = first_row(scaling_exponent(study(scores), 0.1)[0])
    assert row["exponent"] == row["exponent_high"] == np.inf
    assert 0.8 * np.log2(10_000 / 64) < row["exponent_low"] < np.log2(10_000 / 64)
    assert np.isnan([row["median_exponent"], row["constant"], row["spread"]]).all()


def test_each_data_set_has_its_own_exponents():
    one = study({("a", d, 0): crossing_at(20 * d) for d in (2, 4)})
    two = study({("a", d, 0): crossing_at(d**3) for d in (5, 10)})
    columns = {
        name: np.concatenate([values, two.columns[name]])
        for name, values in one.columns.items()
    }
    columns["dataset"] = ["one"] * len(one) + ["two"] * len(two)
    exponents, needed = scaling_exponent(StudyResult(columns, one.config), 0.1)
    assert exponents.columns["dataset"].tolist() == ["one", "two"]
    np.testing.assert_allclose(exponents.columns["median_exponent"], [1, 3])
    assert needed.columns["dataset"].tolist() == ["one", "one", "two", "two"]
    assert needed.columns["n_features"].tolist() == [2, 4, 5, 10]


def test_cells_that_were_not_begun_count_nothing():
    """Where failed ones would make the median of repeats infinite."""
    scores = {
        ("a", d, r): crossing_at((10 + r) * d) for d in (4, 8, 16) for r in range(3)
    }
    result = study(scores)
    late = (result.columns["repeat"] > 0) & (result.columns["n_features"] == 16)
    errors = np.where(late, TOO_LATE, "")
    known = np.where(late, np.nan, result.columns["score"])
    columns = result.columns | {"score": known, "error": errors}
    _, needed = scaling_exponent(StudyResult(columns, result.config), 0.1)
    assert needed.columns["n_repeats"].tolist() == [3, 3, 1]
    np.testing.assert_allclose(needed.columns["n_samples"], [44, 88, 160])


def test_fits_that_another_column_tells_apart_are_not_joined():
    scores = {("a", d, 0): crossing_at(10 * d) for d in (4, 8)}
    joined = StudyResult.concat({"x": study(scores), "y": study(scores)}, "noise")
    for use in (
        lambda: scaling_exponent(joined, 0.1),
        lambda: ScalingExponentDisplay.from_result(joined, target=0.1),
        lambda: SampleComplexityDisplay.from_result(joined),
        lambda: medians(joined),
    ):
        with pytest.raises(ValueError, match=r"twice, such as .* name that column"):
            use()
    exponents, _ = scaling_exponent(joined.select(noise="x"), 0.1)
    assert exponents.columns["exponent"] == pytest.approx(1, rel=1e-5)
