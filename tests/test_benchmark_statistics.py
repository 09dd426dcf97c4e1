"""The report's statistics: draws, intervals, tests of ranks, fronts; by hand."""

import numpy as np
import pytest
from scipy.stats import binom

from sklearn_depth.studies import StudyResult

TASKS = "tanh, d=100, n=500, noise 0.5", "He2, d=60, n=1500, noise 0.3"


@pytest.fixture
def index(benchmarks):
    """Two tasks with three draws."""
    tasks = [benchmarks("accuracy").REPORTED[name] for name in TASKS]
    competitors = benchmarks("accuracy.competitors")
    pick, rival = "TwoLayerGD", "xRFM"
    errors = {(0, pick): [0.1, 0.2, 0.4], (0, rival): [0.1, 0.4, 0.2],
              (1, pick): [0.1, 0.1, 0.1], (1, rival): [0.4] * 3}  # fmt: skip
    cells = [
        (task.name, model, seed, error)
        for t, task in enumerate(tasks)
        for model in competitors.models_of("index")
        if competitors.competes(task, model)
        for seed, error in enumerate(errors.get((t, model), [1.0] * 3))
    ]
    columns = dict(
        zip(("task", "model", "seed", "nmse"), zip(*cells, strict=True), strict=True)
    )
    columns |= {"cpu_seconds": columns["nmse"], "error": [""] * len(cells)}
    return benchmarks("accuracy.summary").Errors(StudyResult(columns), "index")


def test_a_task_has_the_median_error_and_the_least_time_of_its_draws(index):
    pick, rival = index.models.index("TwoLayerGD"), index.models.index("xRFM")
    np.testing.assert_allclose(index.errors[:, pick], [0.2, 0.1])
    np.testing.assert_allclose(index.errors[:, rival], [0.2, 0.4])
    assert index.seconds[0, [pick, rival]].tolist() == [0.1, 0.1]
    np.testing.assert_allclose(index.by_draw(0, pick, rival), [1, 0.5, 2])
    np.testing.assert_allclose(index.by_draw(1, pick, rival), [0.25] * 3)


def test_ratios_to_the_best_rival_by_hand(benchmarks, index):
    """1 and 1/4, of which the geometric mean is 1/2; the range is within theirs."""
    found, (low, high) = benchmarks("accuracy.intervals").over_best_rival(index)
    pick, rival = index.models.index("TwoLayerGD"), index.models.index("xRFM")
    np.testing.assert_allclose(found[[pick, rival, -1]], [0.5, 1, 0.5])
    assert low[-1] == low[pick] < 0.5 < high[-1] <= 2
    np.testing.assert_allclose([low[rival], high[rival]], 1)


def test_the_bootstrap_draws_tasks_and_their_draws(benchmarks):
    """The median of three of 1, 2, 3 is 1 if two or more of them are: 7 in 27."""
    intervals = benchmarks("accuracy.intervals")
    draws = np.array([[[1.0, 2, 3]], [[5, 5, 5]], [[7, 7, 7]]])
    errors, tasks = intervals.resampled(draws)
    assert errors.shape == (intervals.N_TIMES, 3, 1)
    first = errors[..., 0][tasks == 0]
    expected = binom.sf(1, 3, 1 / 3)
    assert abs(np.mean(first == 1) - expected) < 0.05
    assert set(errors[..., 0][tasks == 1]) == {5}
    assert set(errors[..., 0][tasks == 2]) == {7}
    np.testing.assert_allclose(
        np.bincount(tasks.ravel()) / tasks.size, 1 / 3, atol=0.05
    )


def test_models_share_the_draws_of_a_task(benchmarks):
    rng = np.random.default_rng(0)
    draws = np.exp(rng.standard_normal((4, 1, 3)))
    errors, _ = benchmarks("accuracy.intervals").resampled(draws * [[[1], [2]]])
    np.testing.assert_allclose(errors[..., 1], 2 * errors[..., 0])


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (4, 2.569), (10, 3.164)])
def test_critical_differences_are_those_of_demsars_table(benchmarks, k, q):
    """Of 6 N = k (k + 1) tasks the square root is 1; N need not be whole here."""
    found = benchmarks("accuracy.significance").critical_difference(k, k * (k + 1) / 6)
    assert abs(found - q) < 1e-3


def test_holms_correction_by_hand(benchmarks):
    holm = benchmarks("accuracy.significance").holm
    found = holm([0.04, 0.01, 0.03, 0.5])
    np.testing.assert_allclose(found, [0.09, 0.04, 0.09, 0.5])


def test_signed_ranks_by_hand(benchmarks):
    """Five differences of one sign: 2 in 32 on both tails, doubled for two models."""
    errors = np.exp(np.outer(np.arange(1, 6), [0.0, 1, 2]))
    found = benchmarks("accuracy.significance").against(errors, 0)
    np.testing.assert_allclose(found, [1, 0.125, 0.125])
    errors[:, 2] = errors[:, 0]
    errors[0, 1] = np.inf
    found = benchmarks("accuracy.significance").against(errors, 0)
    np.testing.assert_allclose(found, [1, 0.125, 1])


def test_the_front_is_of_models_that_no_other_beats(benchmarks):
    front = benchmarks("accuracy.time_figure").front
    seconds, errors = [1, 2, 3, 1, 4], [3, 2, 2, 4, 1]
    assert front(seconds, errors).tolist() == [True, True, False, False, True]
    assert front([1, 1], [2, 2]).all()
