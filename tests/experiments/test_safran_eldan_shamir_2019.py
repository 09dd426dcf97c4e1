"""The experiment end to end at its small size, and its helpers in closed form."""

from importlib import import_module

import numpy as np
import pytest
from end_to_end import EndToEnd

PACKAGE = "experiments.safran_eldan_shamir_2019"


@pytest.fixture(scope="module")
def widths(modules):
    return import_module(f"{PACKAGE}.widths")


@pytest.fixture(scope="module")
def models(modules):
    return import_module(f"{PACKAGE}.models")


@pytest.fixture(scope="module")
def data(modules):
    return import_module(f"{PACKAGE}.data")


@pytest.fixture
def errors(results):
    """{(model, d): {width: error}} of a target."""

    def of_target(name, part="widths"):
        found = {}
        for row in results:
            if row["part"] == part:
                of_network = found.setdefault((row["model"], row["d"]), {})
                of_network[row["width"]] = row[name]
        return found

    return of_target


class TestExperiment(EndToEnd):
    again = (0, 5)
    picture = "widths.png"
    table = {
        "| sin 3r, depth 2": 4,
        "| d = 2, depth 3 | 48 units: ": 1,
    }


def test_depth_three_has_as_many_directions_as_columns(cells):
    for cell in cells["full"] + cells["quick"]:
        if cell["model"] == "depth_3":
            assert cell["m"] == cell["d"]


def test_more_directions_help_and_their_limit_most(errors):
    for (model, _), found in errors("sine_3").items():
        in_order = [found[width] for width in sorted(found)]
        assert in_order == sorted(in_order, reverse=True)
        if model == "depth_2":
            assert found[np.inf] < in_order[-2] / 100


def test_a_smooth_target_takes_the_inverse_square_root_of_the_width(errors, widths):
    for (model, _), found in errors("sine_3").items():
        if model == "depth_2":
            finite = [width for width in found if width < np.inf]
            exponent, _ = widths.growth(finite, [found[w] for w in finite])
            assert exponent == pytest.approx(-0.42, abs=0.1)


@pytest.mark.parametrize("name", ["abs", "sine_8", "sine_16"])
def test_depth_three_does_with_a_fiftieth_of_the_units(errors, name):
    found = errors(name)
    for d in (3, 10, 20):
        two, three = found["depth_2", d], found["depth_3", d]
        assert max(three) < 0.02 * max(w for w in two if w < np.inf)
        assert min(three.values()) < min(e for w, e in two.items() if w < np.inf)


def test_oscillations_of_theorem_4_want_directions_not_knots(errors):
    found = errors("theorem_4", "theorem_4")
    two = found["depth_2", 2]
    assert two[2 * 100 * 64] > 0.3 > 0.05 > two[np.inf]
    assert found["depth_3", 2][(2 * 2 + 8) * 16] < 0.05


def test_width_needed_on_power_laws(widths):
    """A broken line of logarithms is exact on them."""
    width = np.array([10.0, 40, 1000, 20_000])
    for power in (0.25, 0.5, 2):
        for goal in (0.05, 0.1, 0.3):
            expected = (3 / goal) ** (1 / power)
            found = widths.width_needed(width, 3 * width**-power, goal)
            if expected < 10:
                assert found == 0
            elif expected > 20_000:
                assert found == np.inf
            else:
                assert found == pytest.approx(expected, rel=1e-12)


def test_width_needed_is_where_the_error_falls_for_good(widths):
    errors = [0.4, 0.05, 0.2, 0.05]
    assert widths.width_needed([1, 2, 4, 16], errors, 0.1) == pytest.approx(8)
    assert widths.width_needed([1, 2, 4], errors[:3], 0.1) == np.inf
    assert widths.width_needed([1, 2], errors[:2], 0.05) == 2


def test_growth_on_planted_laws(widths):
    x = np.array([3, 5, 10, 20, 50])
    slope, left = widths.growth(x, 7 * x**2.5)
    assert (slope, left) == (pytest.approx(2.5), pytest.approx(1))
    slope, left = widths.growth(x, 7 * np.exp(0.3 * x), "exponential")
    assert (slope, left) == (pytest.approx(0.3), pytest.approx(1))
    _, left = widths.growth(x, 7 * np.exp(0.3 * x), "power")
    assert left > 2
    # Alternating factors 2 and 1/2 about a constant: the residuals are all log 2.
    slope, left = widths.growth([0, 1, 2, 3], [2, 0.5, 0.5, 2], "exponential")
    assert (slope, left) == (pytest.approx(0, abs=1e-12), pytest.approx(2))
    assert np.isnan(widths.growth([1, 2], [3, 4])).all()


def test_widths_are_those_of_the_networks(models, data):
    X, Y = data.draw(200, 4, ["abs"], np.random.default_rng(0))
    _, biases, _ = models.two_layers(7, 5, 0).fit(X, Y).as_network()
    assert models.MODELS["depth_2"].width(7, 5) == len(biases) - 1 == 70
    assert models.MODELS["depth_2"].width(0, 5) == np.inf
    assert models.MODELS["depth_3"].width(4, 5) == 2 * 4 * 5 + 8 * 5


def test_the_first_layers_output_is_one_of_hinges(models):
    """2 d K ReLUs of the signed projections, written out."""
    X = np.random.default_rng(0).standard_normal((300, 6))
    squared = models.SquaredNorm(4, random_state=0).fit(X)
    features, head = squared.features_, squared.head_
    assert features.directions_.shape == (6, 6)
    expected = np.full(len(X), head.intercept_)
    for weight, knot in zip(head.coef_, features.knots_, strict=True):
        for direction in np.vstack([features.directions_, -features.directions_]):
            expected += weight / 6 * np.maximum(X @ direction - knot, 0)
    np.testing.assert_allclose(squared.transform(X)[:, 0], expected, atol=1e-10)


def test_squared_norms_are_within_the_error_of_chords(models):
    """Chords of z² over steps s are off by s²/8 about their mean, d of them by d s²/8.

    Enough rows lie on the outermost sphere that the knots reach it.
    """
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((1000, 5))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    norms = np.where(np.arange(1000) < 100, 2, rng.uniform(0, 2, 1000))
    X = norms[:, None] * directions
    for n_knots in (4, 16, 64):
        found = models.SquaredNorm(n_knots, random_state=0).fit_transform(X)[:, 0]
        rms = np.sqrt(np.mean((found - norms**2) ** 2))
        assert rms < 5 * (2 / n_knots) ** 2 / 8


def test_the_second_layer_is_one_of_hinges(models, data):
    """Its splines are combinations of one ReLU a knot and a constant."""
    X, Y = data.draw(400, 3, ["abs"], np.random.default_rng(0))
    _, spline, _ = (step for _, step in models.three_layers(3, 2, 0).fit(X, Y).steps)
    t = np.linspace(-1, 6, 500)[:, None]
    knots = spline.bsplines_[0].t[1:-1]
    assert len(knots) == models.SECOND_LAYER * 2
    hinges = np.hstack([np.ones_like(t), np.maximum(t - knots, 0)])
    columns = spline.transform(t)
    weights = np.linalg.lstsq(hinges, columns, rcond=None)[0]
    np.testing.assert_allclose(hinges @ weights, columns, atol=1e-10)


def test_targets(data):
    names = ["abs", "tent", "sine_5", data.OSCILLATION]
    X, Y = data.draw(500, 3, names, np.random.default_rng(0))
    r = np.linalg.norm(X, axis=1)
    assert r.max() < 2
    # Uniform on [0, 2]: mean 1, of standard error 2 / sqrt(12 * 500).
    assert r.mean() == pytest.approx(1, abs=0.1)
    wave = np.sin(2 * np.pi * 27 * (r / 2) ** 2) / (2 * np.pi * 27 / 4)
    expected = [abs(r - 1), np.maximum(1 - r, 0), np.sin(5 * r), wave]
    np.testing.assert_allclose(Y, np.column_stack(expected), atol=1e-12)


def test_how_widths_are_written(modules):
    _, report = modules
    assert report.width_cell([47.3, 120, 80]) == "80 (47-120)"
    assert report.width_cell([4512, 4490, 4508]) == "4.5k"
    assert report.width_cell([2.21e6, np.inf, 2.3e6]) == "2.3M (2.2M->)"
    assert report.width_cell([0, 0, 0]) == "few"
