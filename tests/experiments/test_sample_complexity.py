"""The study of exponents at its small size, and what is published of the full one."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from end_to_end import check_published, check_report

from sklearn_depth.studies import StudyResult, scaling_exponent
from sklearn_depth.studies.__main__ import main
from sklearn_depth.studies._config import read_study

FOLDER = Path(__file__).parents[2] / "experiments" / "sample_complexity"
TARGETS = ("relu", "abs", "he3")
OTHERS = ("noise_low", "noise_middle", "noise_high", "labels")
# Few samples show none, which is a result here.
pytestmark = pytest.mark.filterwarnings(
    "ignore:No direction:UserWarning", "ignore:.* fits warned:UserWarning"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where two targets have been run."""
    folder = tmp_path_factory.mktemp("exponents")
    for target in ("relu", "he3"):
        config = str(FOLDER / f"{target}.toml")
        main(["run", config, "--quick", "--output", str(folder)])
    return folder


@pytest.mark.parametrize("target", [*TARGETS, *OTHERS])
def test_the_published_table_is_that_of_the_full_size(target):
    check_published(FOLDER / f"{target}.toml")
    published = StudyResult.load(FOLDER / f"{target}.csv")
    plan = read_study(FOLDER / f"{target}.toml").plan
    assert published.config["estimators"] == plan.config["estimators"]


@pytest.mark.parametrize("target", TARGETS)
def test_a_published_score_is_found_again(target):
    """The cheapest learner on the fewest rows, to the rounding of other machines."""
    published = StudyResult.load(FOLDER / f"{target}.csv")
    plan = read_study(FOLDER / f"{target}.toml").plan
    (place,) = [
        place
        for place, row in enumerate(plan.labels)
        if row["estimator"] == "hermite"
        and (row["n_features"], row["n_samples"], row["repeat"]) == (8, 1024, 0)
    ]
    again = plan.cells[place].measure()["normalized_mse"]
    assert again == pytest.approx(published.columns["normalized_mse"][place], rel=1e-6)


def test_cubics_need_samples_in_proportion_to_their_number():
    """C(d + 3, 3) grows as d^2.5 from 8 to 18."""
    published = StudyResult.load(FOLDER / "he3.csv")
    with pytest.warns(UserWarning, match="not reached"):
        _, needed = scaling_exponent(published, 0.1)
    rows = needed.select(estimator="hermite").rows()
    columns = {8: 165, 12: 455, 18: 1330}
    for row in rows[:3]:
        assert 1 < row["n_samples"] / columns[row["n_features"]] < 1.3
    assert rows[3]["censored"] == "above"


def test_noise_costs_fixed_features_more_than_learned_ones():
    """At a noise of the target's own size only learned directions go on."""
    reached = {}
    for table in ("noise_low", "noise_high"):
        published = StudyResult.load(FOLDER / f"{table}.csv")
        with pytest.warns(UserWarning, match="medians leave them out"):
            _, needed = scaling_exponent(published, 0.2)
        above = needed.select(censored="above").columns["estimator"].tolist()
        reached[table] = {name: 3 - above.count(name) for name in set(above)}
    learned = {"two_layer", "gradient_product"}
    assert reached["noise_low"].keys() == {"kernel_ridge", "hermite", "trees"}
    assert min(reached["noise_high"].get(name, 3) for name in learned) >= 2
    fixed = ("kernel_ridge", "hermite", "trees", "three_layer")
    assert max(reached["noise_high"][name] for name in fixed) == 0


def test_the_report_has_tables_and_a_figure(folder, capsys):
    table = {"| TwoLayerGDRegressor | ": 3, "ReLU | third Hermite polynomial |": 1}
    check_report(FOLDER / "he3.toml", folder, capsys, table, "exponents.png")


def test_every_learner_has_a_style():
    report = import_module("experiments.sample_complexity.report")
    for group in report.GROUPS.values():
        for table in group.titles:
            plan = read_study(FOLDER / f"{table}.toml").plan
            learners = {row["estimator"] for row in plan.labels}
            assert learners <= group.learners.keys()
    cell = {"n_samples_low": 0.0, "n_samples": np.inf, "n_samples_high": np.inf}
    cell |= {"n_repeats": 5, "n_reached": 2, "censored": "above"}
    assert report.needed_cell(cell) == "not reached by 3 of 5"
