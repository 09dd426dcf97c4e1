"""Hermite regression whose prior variances, one a group, the evidence chooses."""

import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.linear_model import RidgeCV

from sklearn_depth import HermitePolynomialRegressor, KernelRidge
from sklearn_depth.datasets import make_random_network
from sklearn_depth.features import HermiteFeatures

rng = np.random.default_rng(0)
X = rng.standard_normal((300, 5))
noise = rng.standard_normal(300)
y = X[:, 0] * X[:, 1] + (X[:, 2] ** 3 - 3 * X[:, 2]) / np.sqrt(6) + 0.3 * noise
Y = np.column_stack([y, 40 + 100 * X[:, 3] + 5 * noise])
X_new = rng.standard_normal((200, 5))
each_solver = pytest.mark.parametrize("solver", ["primal", "dual"])


def nmse(model, X, target):
    return np.mean((model.predict(X) - target) ** 2) / np.var(target)


def group_of(model, degree, joined):
    return model.groups_.tolist().index([degree, joined])


@each_solver
def test_groups_tell_what_the_target_is_made_of(solver):
    """A pair of degree 2 and a cubic of one column, of variances 1 and 1."""
    model = HermitePolynomialRegressor(4, solver=solver).fit(X, y)
    shares = model.variance_shares_
    assert shares.sum() == pytest.approx(1)
    pair, cubic = group_of(model, 2, 2), group_of(model, 3, 1)
    assert shares[pair] == pytest.approx(0.5, abs=0.1)
    assert shares[cubic] == pytest.approx(0.5, abs=0.1)
    assert model.noise_variance_ == pytest.approx(0.09, rel=0.25)
    others = np.delete(model.degrees_of_freedom_, [pair, cubic])
    assert others.sum() < 30
    np.testing.assert_array_equal(
        model.groups_,
        [[s, m] for s in range(1, 5) for m in range(1, s + 1)],
    )


@each_solver
@pytest.mark.parametrize("target", [y, Y], ids=["one target", "two targets"])
def test_it_is_ridge_with_a_penalty_for_each_group(solver, target):
    """Features over the roots of their penalties, and a penalty of 1."""
    model = HermitePolynomialRegressor(3, solver=solver).fit(X, target)
    features = model.features_
    powers = features.powers_
    names = model.groups_.tolist()
    labels = [names.index([p.sum(), np.count_nonzero(p)]) for p in powers]
    alphas, targets = np.atleast_2d(model.alpha_), np.atleast_2d(target.T)
    for alpha, one, coef in zip(
        alphas, targets, np.atleast_2d(model.coef_), strict=True
    ):
        scaled = features.transform(X) / np.sqrt(alpha[labels])
        ridge = RidgeCV([1.0]).fit(scaled, one)
        found = ridge.coef_ / np.sqrt(alpha[labels])
        np.testing.assert_allclose(coef, found, atol=1e-7 * np.ptp(one))


@each_solver
def test_each_target_has_its_own(solver):
    both = HermitePolynomialRegressor(3, solver=solver).fit(X, Y)
    mean, deviation = both.predict(X_new, return_std=True)
    assert both.alpha_.shape == both.prior_variances_.shape == (2, 6)
    for k in range(2):
        one = HermitePolynomialRegressor(3, solver=solver).fit(X, Y[:, k])
        for name in ("alpha_", "coef_", "noise_variance_", "log_evidence_"):
            np.testing.assert_allclose(getattr(both, name)[k], getattr(one, name))
        found = one.predict(X_new, return_std=True)
        np.testing.assert_allclose(found[0], mean[:, k])
        np.testing.assert_allclose(found[1], deviation[:, k])


def test_the_degree_hardly_matters():
    """A network of depth 2 in 40 columns: a flat penalty fails at degree 3."""
    make = {"depth": 2, "noise": 0.1, "random_state": 42, "return_truth": True}
    data, target, truth = make_random_network(800, 40, activation="relu", **make)
    new, _ = truth.sample(1000, random_state=1)
    errors = {
        degree: nmse(
            HermitePolynomialRegressor(degree).fit(data, target), new, truth(new)
        )
        for degree in (2, 3, 4, 5, "auto")
    }
    assert max(errors.values()) < 1.1 * min(errors.values())
    flat = HermitePolynomialRegressor(3, alpha="loo").fit(data, target)
    assert nmse(flat, new, truth(new)) > 3 * max(errors.values())


def test_additive_and_interacting_parts_are_told_apart():
    """Friedman's function: below what a Gaussian process with an RBF kernel has."""
    data, target = make_friedman1(2200, noise=1.0, random_state=0)
    new, truth = data[200:], make_friedman1(2200, noise=0.0, random_state=0)[1][200:]
    model = HermitePolynomialRegressor().fit(data[:200], target[:200])
    kernel = KernelRidge("loo", kernel="rbf", gamma=1.0, fit_intercept=True)
    rbf = nmse(kernel.fit(data[:200], target[:200]), new, truth)
    assert nmse(model, new, truth) < min(0.07, rbf / 2)
    assert model.variance_shares_[model.groups_[:, 1] > 2].sum() < 0.02


@pytest.mark.parametrize("activation", ["erf", "tanh"])
def test_odd_networks_have_odd_degrees(activation):
    data, target = make_random_network(
        1000, 8, depth=2, activation=activation, noise=0.05, random_state=0
    )
    model = HermitePolynomialRegressor(4).fit(data, target)
    even = model.groups_[:, 0] % 2 == 0
    assert model.variance_shares_[even].sum() < 0.002


def test_the_right_degree_is_chosen():
    """Of 3 and 5, by their errors; of errors that tie the lower."""
    quintic = (X[:, 0] ** 5 - 10 * X[:, 0] ** 3 + 15 * X[:, 0]) / np.sqrt(120)
    for solver in ("primal", "dual"):
        model = HermitePolynomialRegressor(solver=solver, max_interaction=2)
        assert model.fit(X, quintic + 0.1 * noise).degree_ == 5
        assert model.features_.degree == 5
        assert model.fit(X, X[:, 0] + 0.1 * noise).degree_ == 3
        assert model.features_.powers_.sum(axis=1).max() == 3


@pytest.mark.parametrize(
    ("n_samples", "n_features", "degrees"),
    [
        (30, 5, (3, 5)),
        (2000, 20, (3, 5)),
        (2000, 30, (3, 4)),
        (2000, 40, (3,)),
        (10**6, 10, (3, 5)),
        (10**6, 11, (3, 4)),
        (2001, 60, (3,)),
        (7000, 60, (2,)),
        (7000, 200, (1,)),
    ],
)
def test_degrees_are_as_high_as_a_fit_may_cost(n_samples, n_features, degrees):
    model = HermitePolynomialRegressor()
    assert model._degrees(n_features, n_samples) == degrees
    flat = HermitePolynomialRegressor(alpha="gcv")
    assert flat._degrees(n_features, n_samples) == (3,)


@pytest.mark.parametrize("solver", ["primal", "dual"])
@pytest.mark.parametrize("truncation", ["total", "hyperbolic"])
@pytest.mark.parametrize("max_interaction", [None, 1, 2])
def test_primal_and_dual_have_one_posterior(solver, truncation, max_interaction):
    options = {"truncation": truncation, "max_interaction": max_interaction}
    weight = rng.uniform(0.2, 3, 60)
    features = HermiteFeatures(4, **options).fit(X[:60], sample_weight=weight)
    model = HermitePolynomialRegressor(4, solver=solver, **options)
    model.fit(X[:60], y[:60], weight)
    names = model.groups_.tolist()
    powers = features.powers_
    labels = [names.index([p.sum(), np.count_nonzero(p)]) for p in powers]
    weight = weight / weight.mean()
    products, new = features.transform(X[:60]), features.transform(X_new)
    middle = np.average(products, axis=0, weights=weight)
    centred = np.sqrt(weight)[:, None] * (products - middle)
    ratios = (model.prior_variances_ / model.noise_variance_)[labels]
    used = ratios > 0
    inner = centred[:, used].T @ centred[:, used] + np.diag(1 / ratios[used])
    inner, offset = np.linalg.inv(inner), (new - middle)[:, used]
    variance = np.einsum("ij,jk,ik->i", offset, inner, offset) + 1 / weight.sum()
    expected = np.sqrt(model.noise_variance_ * (1 + variance))
    _, found = model.predict(X_new, return_std=True)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@each_solver
def test_far_samples_do_not_take_off(solver):
    """Where no higher degree explains anything, a lower one is all there is."""
    rng = np.random.default_rng(0)
    length = np.exp(1.5 * rng.standard_normal((4000, 1)))
    data = length * rng.standard_normal((4000, 6))
    target = np.cos(5 * np.linalg.norm(data, axis=1)) + rng.standard_normal(4000)
    model = HermitePolynomialRegressor(solver=solver)
    model.fit(data[:800], target[:800])
    assert nmse(model, data[800:], target[800:]) < 1.1


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_samples", [60, 400])
def test_intervals_cover_what_they_should(seed, n_samples):
    rng = np.random.default_rng(seed)
    data = rng.standard_normal((n_samples + 2000, 4))
    target = np.tanh(data[:, 0]) + data[:, 1] * data[:, 2] / 2
    target += 0.3 * rng.standard_normal(len(data))
    model = HermitePolynomialRegressor().fit(data[:n_samples], target[:n_samples])
    mean, deviation = model.predict(data[n_samples:], return_std=True)
    covered = np.abs(target[n_samples:] - mean) < 1.96 * deviation
    assert 0.9 < covered.mean() < 0.985


def test_unlisted_products_are_the_same_products(monkeypatch):
    listed = HermitePolynomialRegressor(4, solver="dual").fit(X[:80], Y[:80])
    expected = listed.predict(X_new, return_std=True)
    monkeypatch.setattr("sklearn_depth._hermite._groups.MOST_LISTED", 10)
    unlisted = HermitePolynomialRegressor(4, solver="dual").fit(X[:80], Y[:80])
    assert unlisted.dual_coef_.shape == (80, 2)
    for found, other in zip(
        unlisted.predict(X_new, return_std=True), expected, strict=True
    ):
        np.testing.assert_allclose(found, other, rtol=1e-7, atol=1e-7)
    one = HermitePolynomialRegressor(4, solver="dual").fit(X[:80], y[:80])
    np.testing.assert_allclose(one.predict(X_new), expected[0][:, 0], atol=1e-7)


@each_solver
def test_few_values_bound_the_degree_of_a_column(solver):
    """Powers beyond are the lower ones again, and have no coefficients."""
    data = X.copy()
    data[:, 0] = np.sign(X[:, 0])
    data[:, 1] = np.digitize(X[:, 1], [-0.5, 0.5])
    model = HermitePolynomialRegressor(4, solver=solver).fit(data, y)
    powers = model.features_.powers_
    beyond = (powers[:, 0] > 1) | (powers[:, 1] > 2)
    assert not model.coef_[beyond].any()
    names = model.groups_.tolist()
    labels = [names.index([p.sum(), np.count_nonzero(p)]) for p in powers]
    out = np.isinf(model.alpha_[labels])
    np.testing.assert_array_equal(model.coef_ != 0, ~(beyond | out))


def test_wide_one_hot_columns_do_no_harm():
    """Degree 3 of 60 indicators is noise to one flat penalty."""
    rng = np.random.default_rng(0)
    state = rng.integers(0, 60, 1000)
    effect = rng.standard_normal(60)
    data = np.column_stack([np.eye(60)[state], rng.standard_normal((1000, 3))])
    target = effect[state] + data[:, 60] ** 2 + 0.3 * rng.standard_normal(1000)
    half = slice(0, 500), slice(500, None)
    model = HermitePolynomialRegressor().fit(data[half[0]], target[half[0]])
    assert model.score(data[half[1]], target[half[1]]) > 0.9
    flat = HermitePolynomialRegressor(alpha="loo").fit(data[half[0]], target[half[0]])
    assert flat.score(data[half[1]], target[half[1]]) < 0.7


def test_standard_errors_of_sobol_indices():
    """They are what indices vary by over draws of coefficients from the posterior."""
    model = HermitePolynomialRegressor(3, solver="primal", scaling=None).fit(X, y)
    found = model.sobol_indices()
    posterior = model._posterior_._posterior
    draws = (
        model.coef_
        + posterior.noise[0]
        * np.random.default_rng(0).standard_normal(
            (4000, posterior.factors[0].shape[1])
        )
        @ posterior.factors[0].T
    )
    share = draws**2 / np.sum(draws**2, axis=1, keepdims=True)
    involved = model.features_.powers_ > 0
    alone = involved & (involved.sum(axis=1, keepdims=True) == 1)
    for name, kept in (("first_order", alone), ("total", involved)):
        expected, large = np.std(share @ kept, axis=0), found[name] > 0.1
        np.testing.assert_allclose(
            found[f"{name}_std"][large], expected[large], rtol=0.1
        )
    dual = HermitePolynomialRegressor(3, solver="dual", scaling=None).fit(X, y)
    for name, values in dual.sobol_indices().items():
        np.testing.assert_allclose(values, found[name], atol=1e-6)


def test_standard_errors_of_several_targets():
    both = HermitePolynomialRegressor(2).fit(X, Y).sobol_indices()
    one = HermitePolynomialRegressor(2).fit(X, Y[:, 1]).sobol_indices()
    assert both.total_std.shape == (2, 5)
    np.testing.assert_allclose(both.total_std[1], one.total_std, atol=1e-9)


def test_other_penalties_have_no_posterior():
    model = HermitePolynomialRegressor(2, alpha=1.0).fit(X, y)
    assert "total_std" not in model.sobol_indices()
    with pytest.raises(
        ValueError, match=r"alpha=1\.0 does not.*Set alpha=\"evidence\""
    ):
        model.predict(X, return_std=True)
    assert not hasattr(model, "noise_variance_")


@each_solver
def test_bad_input_is_answered(solver):
    """Fewer rows than groups, one value, no noise, copies with other targets."""
    few = HermitePolynomialRegressor(5, solver=solver).fit(X[:4], y[:4])
    assert np.isfinite(few.predict(X_new, return_std=True)).all()
    constant = HermitePolynomialRegressor(solver=solver).fit(X, np.full(300, 0.1))
    mean, deviation = constant.predict(X_new, return_std=True)
    np.testing.assert_allclose(mean, 0.1)
    np.testing.assert_array_equal(deviation, 0)
    assert np.isnan(constant.variance_shares_).all()
    exact = HermitePolynomialRegressor(2, solver=solver).fit(X, X[:, 0] * X[:, 1])
    np.testing.assert_allclose(
        exact.predict(X_new), X_new[:, 0] * X_new[:, 1], atol=1e-5
    )
    twice = HermitePolynomialRegressor(2, solver=solver)
    twice.fit(np.vstack([X, X]), np.concatenate([X[:, 0] + 1, X[:, 0] - 1]))
    assert twice.noise_variance_ == pytest.approx(1.0, rel=0.1)
    alike = HermitePolynomialRegressor(2, solver=solver)
    alike.fit(np.ones((20, 2)), y[:20])
    np.testing.assert_allclose(alike.predict(X_new[:, :2]), y[:20].mean())
    assert alike.noise_variance_ == pytest.approx(y[:20].var(ddof=1))


def test_the_evidence_compares_columns_whatever_their_values():
    """A column of few values merges samples, and may not gain by that."""
    rng = np.random.default_rng(5)
    few, many = rng.integers(0, 5, 200).astype(float), rng.standard_normal(200)
    target = np.sin(2 * many) + 0.1 * rng.standard_normal(200)
    model = HermitePolynomialRegressor(3)
    useless, useful = (
        model.fit(column[:, None], target).log_evidence_ for column in (few, many)
    )
    assert useless < useful - 30


def test_weighted_batches_have_the_evidence_of_all_rows():
    weight = np.linspace(0.1, 5, 300)
    whole = HermitePolynomialRegressor(2, scaling=None, solver="primal")
    whole.fit(X, y, weight)
    model = HermitePolynomialRegressor(2, scaling=None)
    for rows in (slice(0, 100), slice(100, 300)):
        model.partial_fit(X[rows], y[rows], weight[rows])
    assert model.log_evidence_ == pytest.approx(whole.log_evidence_, rel=1e-8)
    assert model.noise_variance_ == pytest.approx(whole.noise_variance_, rel=1e-6)


def test_a_merge_with_another_penalty_leaves_no_posterior():
    one, other = (
        HermitePolynomialRegressor(2, scaling=None).partial_fit(X[rows], y[rows])
        for rows in (slice(0, 100), slice(100, 300))
    )
    one.set_params(alpha="gcv").merge(other)
    assert not hasattr(one, "_posterior_")
    assert not hasattr(one, "variance_shares_")
    with pytest.raises(ValueError, match="return_std needs a posterior"):
        one.predict(X_new, return_std=True)


def test_another_penalty_goes_on_with_the_degree_of_the_sums():
    model = HermitePolynomialRegressor(scaling=None).partial_fit(X[:200], y[:200])
    degree = model._basis_.degree
    assert degree == 5
    model.set_params(alpha="gcv").partial_fit(X[200:], y[200:])
    assert model.degree_ == degree
    flat = HermitePolynomialRegressor(5, scaling=None, alpha="gcv", solver="primal")
    np.testing.assert_allclose(model.coef_, flat.fit(X, y).coef_, atol=1e-6)


def test_degrees_are_those_that_the_solver_can_bear():
    assert HermitePolynomialRegressor(solver="primal")._degrees(30, 40) == (3,)
    assert HermitePolynomialRegressor(solver="dual")._degrees(4, 5000) == (3,)


@each_solver
def test_hyperbolic_groups_have_products(solver):
    model = HermitePolynomialRegressor(4, truncation="hyperbolic", solver=solver)
    model.fit(X, y)
    powers = model.features_.powers_
    expected = {(p.sum(), np.count_nonzero(p)) for p in powers}
    assert set(map(tuple, model.groups_.tolist())) == expected


@each_solver
def test_constant_targets_have_no_indices_and_no_errors_of_them(solver):
    both = np.column_stack([y, np.full(300, 2.0)])
    indices = HermitePolynomialRegressor(2, solver=solver).fit(X, both).sobol_indices()
    for values in indices.values():
        assert np.isfinite(values[0]).all()
        assert np.isnan(values[1]).all()


def test_columns_that_do_not_vary_print_nothing(capfd):
    model = HermitePolynomialRegressor(2, solver="primal").fit(np.ones((20, 2)), y[:20])
    np.testing.assert_allclose(model.predict(X_new[:, :2]), y[:20].mean())
    assert capfd.readouterr() == ("", "")


def test_columns_far_from_the_origin_ask_for_scaling():
    far = rng.standard_normal((60, 4)) + 1e7
    far[:, 2] *= 1e3
    with (
        pytest.warns(UserWarning, match="next to its square"),
        pytest.raises(ValueError, match=r"rounding.*scaling=\"standardize\""),
    ):
        HermitePolynomialRegressor(5, scaling=None, solver="dual").fit(far, y[:60])


def test_float32_stays_float32():
    model = HermitePolynomialRegressor(2).fit(X.astype("f4"), y.astype("f4"))
    mean, deviation = model.predict(X_new.astype("f4"), return_std=True)
    assert mean.dtype == deviation.dtype == model.coef_.dtype == np.float32
    expected = HermitePolynomialRegressor(2).fit(X, y).predict(X_new)
    np.testing.assert_allclose(mean, expected, atol=1e-4)


def test_memory_is_checked_before_it_is_taken(monkeypatch):
    monkeypatch.setattr("sklearn_depth.utils._memory.memory_limit", lambda: 10**6)
    with pytest.raises(MemoryError, match="kernel matrix for each of 15 groups"):
        HermitePolynomialRegressor(5, solver="dual").fit(X, y)


def test_the_groups_are_in_the_html_representation():
    page = HermitePolynomialRegressor(2).fit(X, y)._repr_html_()
    for name in ("groups_", "variance_shares_", "degrees_of_freedom_"):
        assert name in page
