"""The accuracy report: ranks and ratios by hand, and the page is that of its tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_depth.studies import StudyResult

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"


@pytest.fixture(scope="module")
def published():
    names = "accuracy", "classes"
    return {name: StudyResult.load(RESULTS / f"{name}.parquet") for name in names}


def planted(suite):
    return [*suite.CHOSEN_ON, *suite.REPORTED]


def test_tasks_to_choose_by_are_not_reported(benchmarks):
    accuracy = benchmarks("accuracy")
    assert not accuracy.CHOSEN_ON.keys() & accuracy.REPORTED.keys()
    models_of = benchmarks("accuracy.competitors").models_of
    assert all(
        task.pick in models_of(task.suite) for task in accuracy.REPORTED.values()
    )


@pytest.mark.parametrize(("suite", "least"), [("index", 16), ("radial", 8)])
def test_suites_are_as_large_as_promised(benchmarks, suite, least):
    assert len(benchmarks(f"accuracy.{suite}").REPORTED) >= least


@pytest.mark.parametrize("suite", ["index", "radial", "networks"])
def test_planted_tasks_have_their_noise_and_fresh_rows_have_none(benchmarks, suite):
    for task in planted(benchmarks(f"accuracy.{suite}")):
        X, y, X_new, fresh = task.draw(0)
        rng = np.random.default_rng([task.d, task.n, 0])
        whole, target = task.make(task.n + len(X_new), rng)
        np.testing.assert_array_equal(np.r_[X, X_new], whole)
        np.testing.assert_array_equal(fresh, target[task.n :])
        level = np.std(y - target[: task.n]) / target.std()
        # Six standard deviations of that of n normal numbers.
        assert abs(level - task.noise) <= 6 * task.noise / np.sqrt(2 * task.n)


def table(rows, *measures):
    """A result of rows (task, model, error), which is what every measure has."""
    tasks, models, errors = zip(*rows, strict=True)
    return StudyResult(
        {
            "task": tasks,
            "model": models,
            "seed": [0] * len(rows),
            **dict.fromkeys(measures or ["nmse"], errors),
            "cpu_seconds": np.ones(len(rows)),
            "error": [""] * len(rows),
        }
    )


def test_ranks_and_ratios_by_hand(benchmarks):
    models = list(benchmarks("accuracy.models").MODELS)
    task = benchmarks("accuracy").REPORTED["tanh, d=100, n=500, noise 0.5"]
    errors = [0.1, 0.2, 0.2, 1e-9, 5e-4]  # the last two are below the floor
    rows = [(task.name, models[k], error) for k, error in enumerate(errors)]
    suite = benchmarks("accuracy.summary").Errors(table(rows), "index")
    assert suite.tasks == [task]
    assert suite.ranks[0, :5].tolist() == [3, 4.5, 4.5, 1.5, 1.5]
    np.testing.assert_allclose(suite.ratios[0, :5], [100, 200, 200, 1, 1])
    assert np.isinf(suite.ratios[0, 5:]).all()  # never measured: last


def test_limits_by_hand(benchmarks):
    """Noise of 0.2 deviations, 5 directions of 40 columns and 55 coefficients."""
    tasks = benchmarks("accuracy").REPORTED
    competes = benchmarks("accuracy.competitors").competes
    cubic = tasks["cubic, r=5, d=40, n=3000, noise 0.2"]
    np.testing.assert_allclose(cubic.limit, 0.04 * (5 * 35 + 55) / 3000)
    assert np.isnan(tasks["He4, d=20, n=3000, noise 0"].limit)
    models = [m for m in benchmarks("accuracy.models").MODELS if competes(cubic, m)]
    rows = [
        (cubic.name, model, cubic.limit * (k + 1)) for k, model in enumerate(models)
    ]
    suite = benchmarks("accuracy.summary").Errors(table(rows), "index")
    np.testing.assert_allclose(suite.over_limits, 1 + np.arange(len(models)))


def test_slow_models_are_compared_on_few_samples_alone(benchmarks):
    report, summary = benchmarks("report"), benchmarks("accuracy.summary")
    competitors = benchmarks("accuracy.competitors")
    tasks = [benchmarks("accuracy").REPORTED[name] for name in ("birthwt", "attrition")]
    rows = [
        (task.name, model, 0.5 + 0.01 * k)
        for task in tasks
        for k, model in enumerate(competitors.models_of("class_tables"))
        if competitors.competes(task, model)
    ]
    result = table(rows, "relative_log_loss", "auc", "calibration_error")
    whole = summary.summary_of(result, "class_tables")
    few = whole.of_few_rows()
    slow = whole.models.index("RealMLP")
    assert whole.competes[:, slow].tolist() == [True, False]
    assert not whole.failed.any()
    assert few.tasks == tasks[:1]
    assert few.whole.all()
    assert few.ranks[0].tolist() == list(range(1, len(few.models) + 1))
    assert "RealMLP" in report.summary_table(few)
    assert "RealMLP" not in report.summary_table(whole)
    assert report.error_table(whole).count("failed") == 0


def test_alternatives_over_defaults_by_hand(benchmarks):
    errors = {("", ""): [0.1, 0.4], ("n_knots", "20"): [0.2, 0.2]}
    rows = [
        ("RadialTwoLayerRegressor", parameter, value, task, error)
        for (parameter, value), pair in errors.items()
        for task, error in zip("ab", pair, strict=True)
    ]
    names = "estimator", "parameter", "value", "task", "loss"
    result = StudyResult(dict(zip(names, zip(*rows, strict=True), strict=True)))
    (row,) = benchmarks("accuracy.defaults").compare(result)
    assert row["less"] == 1 and row["tasks"] == 2
    np.testing.assert_allclose([row["mean"], row["median"]], [1, 1.25])


@pytest.mark.parametrize(
    ("name", "suites"), [("accuracy", "SUITES"), ("classes", "CLASS_SUITES")]
)
def test_published_table_has_every_task_and_model(benchmarks, published, name, suites):
    competitors = benchmarks("accuracy.competitors")
    table = published[name]
    columns = (table.columns[k].tolist() for k in ("task", "model", "seed"))
    wanted = {
        (task.name, model, seed)
        for suite in getattr(benchmarks("accuracy"), suites)
        for task in suite.REPORTED
        for model in competitors.models_of(task.suite)
        if competitors.competes(task, model)
        for seed in range(task.seeds)
    }
    assert set(zip(*columns, strict=True)) == wanted
    assert all(message == "" for message in table.columns["error"])


def test_every_lost_task_has_its_reason(benchmarks, published):
    report = benchmarks("report")
    for suite in report.by_suite(**published).values():
        assert "not explained" not in report.losses(suite)


def test_pages_are_made_of_the_published_tables(benchmarks, published):
    speed = pd.read_parquet(RESULTS / "speed.parquet").to_dict("records")
    report = benchmarks("report")
    suites = report.by_suite(**published)
    sizes = pd.read_parquet(RESULTS / "scale.parquet")
    pages = report.pages_of(suites, **published, speed=speed, sizes=sizes)
    for name, text in pages.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text


def test_readme_has_the_table_of_the_defaults(benchmarks):
    result = StudyResult.load(RESULTS / "defaults.parquet")
    table = benchmarks("accuracy.defaults").markdown(result)
    assert table in (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
