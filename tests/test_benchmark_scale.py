"""Costs of fits against their sizes: sweeps, exponents and rows of the table."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

SIZES = [1000, 4000, 16_000, 64_000]


def swept(time, memory):
    """Rows of one model, whose time and memory are functions of n and d."""
    sizes = [("n", n, 20) for n in SIZES] + [("d", 4000, d) for d in (10, 20, 40)]
    return pd.DataFrame(
        {
            "model": "ours", "rising": rising, "n": n, "d": d,
            "cpu": time(n, d), "above": memory(n, d), "error": "",
        }
        for rising, n, d in sizes
    )  # fmt: skip


def test_exponents_of_powers(benchmarks):
    rows = swept(lambda n, d: 1e-9 * n**1.5 * d**2, lambda n, d: 1e-2 * n * d**0.5)
    scale = benchmarks("scale")
    np.testing.assert_allclose(scale.exponents(rows, "n"), [1.5, 1])
    np.testing.assert_allclose(scale.exponents(rows, "d"), [2, 0.5])


def test_exponents_are_of_the_last_sizes_and_of_memory_that_counts(benchmarks):
    scale = benchmarks("scale")
    rows = swept(lambda n, d: 1 + (n / 16_000) ** 40, lambda n, d: n / 1000)
    time, memory = scale.exponents(rows, "n")
    assert time == pytest.approx(np.log(1 + 4.0**40) / np.log(16), rel=1e-6)
    assert np.isnan(memory)  # 64 MiB alone are more than noise
    rows.loc[3, "error"] = "MemoryError"
    assert scale.exponents(rows, "n")[0] == pytest.approx(np.log(2) / np.log(16))


def test_a_row_of_the_table(benchmarks):
    rows = swept(lambda n, d: 1e-3 * n, lambda n, d: n / 100)
    (row,) = benchmarks("scale").cost_rows(rows)
    assert row == ("``ours``", "64,000", "64", "640", "1.0", "1.0", "0.0", "0.0")


@pytest.mark.parametrize(("power", "last"), [(1, 16_000), (3, 4000)])
def test_sizes_rise_until_a_fit_is_long_or_the_next_would_be(
    benchmarks, monkeypatch, power, last
):
    """Linear: 2, 8 and 32 seconds, of which 20 are long. Cubic: 0.1, 6 and 410."""
    scale = benchmarks("scale")

    def measure(model, n, d):
        return {"cpu": {1: 2, 3: 0.1}[power] * (n / 1000) ** power, "above": 1.0}

    monkeypatch.setattr(scale, "measure_fit", measure)
    rows = list(scale.rise("ours", scale.SAMPLES, None))
    assert rows[-1]["n"] == last


def test_a_fit_in_a_process_of_its_own(benchmarks):
    found = benchmarks("scale").measure_fit("RadialTwoLayerRegressor", 500, 5)
    assert 0 < found["cpu"] < 10
    assert found["above"] >= 0


def test_every_model_is_an_estimator(benchmarks):
    namespace = {"make_pipeline": make_pipeline}
    exec("from sklearn_depth import *\nfrom sklearn_depth.features import *", namespace)
    for source in benchmarks("scale").MODELS.values():
        assert hasattr(eval(source, namespace), "fit")
