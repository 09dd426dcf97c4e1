"""What the displays draw, against medians, profiles and projections made by hand."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.linear_model import LinearRegression, Ridge

from sklearn_depth.datasets import (
    make_single_index,
)
from sklearn_depth.studies import (
    SampleComplexityDisplay,
    StudyResult,
    sample_complexity_curve,
)

pytestmark = pytest.mark.usefixtures("figures_and_settings")


def study(curves, score="mse", better="lower", sizes=(10, 100, 1000)):
    """A result from {(estimator, d): (n_repeats, n_sizes) scores}, shuffled within."""
    rows = [
        (name, n, d, repeat, value)
        for (name, d), scores in curves.items()
        for repeat, of_repeat in enumerate(scores)
        for n, value in zip(sizes, of_repeat, strict=True)
    ]
    order = np.random.default_rng(0).permutation(len(rows))
    rows = sorted([rows[k] for k in order], key=lambda row: row[0])
    names = ("estimator", "n_samples", "n_features", "repeat", score)
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    if None in columns["n_features"]:
        del columns["n_features"]
    return StudyResult(columns, {"scoring": {score: better}})


def power_law(d=1, exponent=-0.5, factors=(1, 2, 4), sizes=(10, 100, 1000)):
    """Scores of a repeat for each factor."""
    return np.outer(factors, (np.array(sizes) / d) ** exponent)


def slope_of(line):
    (x_0, x_1), (y_0, y_1) = np.log(line.get_data())
    return (y_1 - y_0) / (x_1 - x_0)


TWO = study({("a", 2): power_law(), ("a", 8): power_law(4), ("b", 8): power_law(9, -1)})


class TestSampleComplexity:
    def test_lines_are_medians_of_what_is_finite(self):
        scores = [[8.0, np.nan, 2], [4, 7, 1], [1, 3, np.inf], [2, 5, 9]]
        display = SampleComplexityDisplay.from_result(study({("a", 3): scores}))
        (line,) = display.lines_
        np.testing.assert_array_equal(line.get_xdata(), [10, 100, 1000])
        np.testing.assert_array_equal(line.get_ydata(), [3, 5, 2])

    def test_sizes_at_which_all_failed_are_left_out(self):
        scores = [[8.0, np.nan, 2], [4, np.nan, 1]]
        display = SampleComplexityDisplay.from_result(study({("a", 3): scores}))
        np.testing.assert_array_equal(display.lines_[0].get_xdata(), [10, 1000])

    @pytest.mark.parametrize("better", ["lower", "higher"])
    def test_bands(self, better, band_ends):
        scores = np.array([[8.0, 1, 2], [4, 7, 1], [1, 3, 9], [2, 5, 9], [7, 7, 7]])
        result = study({("a", 3): scores}, better=better)
        mean, deviation = scores.mean(axis=0), scores.std(axis=0)
        std = np.array([mean - deviation, mean + deviation])
        if better == "lower":  # on a logarithmic axis
            middle, deviation = np.log(scores).mean(axis=0), np.log(scores).std(axis=0)
            std = np.exp([middle - deviation, middle + deviation])
        expected = {
            "range": np.array([scores.min(axis=0), scores.max(axis=0)]),
            "quartiles": np.sort(scores, axis=0)[[1, 3]],
            "std": std,
        }
        for band, ends in expected.items():
            display = SampleComplexityDisplay(result).plot(band=band)
            (drawn,) = display.bands_
            np.testing.assert_allclose(band_ends(drawn), ends.T)
        assert SampleComplexityDisplay(result).plot(band=None).bands_ == []

    @pytest.mark.parametrize(
        ("power", "label"),
        [
            (0, "samples $n$"),
            (1, "samples $n / d$"),
            (2, "samples $n / d^{2}$"),
            (1.5, "samples $n / d^{1.5}$"),
        ],
    )
    def test_sizes_are_divided_by_a_power_of_the_dimension(self, power, label):
        display = SampleComplexityDisplay(TWO).plot(power=power)
        assert display.ax_.get_xlabel() == label
        for line, d in zip(display.lines_, [2, 8, 8], strict=True):
            sizes = np.array([10, 100, 1000]) / d**power
            np.testing.assert_allclose(line.get_xdata(), sizes)

    def test_curves_of_one_power_fall_on_one_another(self):
        curves = {("a", d): power_law(d**2, -0.7) for d in (3, 5)}
        for line in SampleComplexityDisplay(study(curves)).plot(power=2).lines_:
            np.testing.assert_allclose(
                line.get_ydata(), 2 * line.get_xdata() ** -0.7, rtol=1e-12
            )

    def test_scales_and_labels_of_scores(self):
        scores = {("a", 3): [[3.0, 2, 1]]}
        minus = {("a", 3): [[-3.0, -2, -1]]}
        zero = {("a", 3): [[3.0, 2, 0]]}
        cases = [
            (study(scores, "normalized_mse"), False, "log", "normalized MSE"),
            (study(zero), False, "linear", "mse"),
            (study(scores, "r2", "higher"), False, "linear", "R²"),
            (
                study(minus, "neg_log_loss", "higher"),
                False,
                "linear",
                "negative log loss",
            ),
            (study(minus, "neg_log_loss", "higher"), True, "log", "log loss"),
        ]
        for result, negate, scale, label in cases:
            display = SampleComplexityDisplay(result).plot(negate_score=negate)
            assert display.ax_.get_xscale() == "log"
            assert display.ax_.get_yscale() == scale
            assert display.ax_.get_ylabel() == label
        np.testing.assert_array_equal(display.lines_[0].get_ydata(), [3, 2, 1])

    @pytest.mark.parametrize("power", [0, 2])
    def test_guides_have_their_slopes_inside_the_panel(self, power):
        slopes = [-2, -1, -0.25, 0, 0.5]
        plain = SampleComplexityDisplay(TWO).plot(power=power)
        display = SampleComplexityDisplay(TWO).plot(
            power=power, reference_slopes=slopes
        )
        assert display.ax_.get_xlim() == plain.ax_.get_xlim()
        assert display.ax_.get_ylim() == plain.ax_.get_ylim()
        assert [slope_of(line) for line in display.guides_] == pytest.approx(slopes)
        to_panel = display.ax_.transData - display.ax_.transAxes
        ends = [to_panel.transform(line.get_xydata()) for line in display.guides_]
        assert np.min(ends) > 0
        assert np.max(ends) < 1
        texts = [text.get_text() for text in display.ax_.texts]
        assert texts == ["$n^{-2}$", "$n^{-1}$", "$n^{-0.25}$", "$n^{0}$", "$n^{0.5}$"]

    def test_guides_keep_clear_of_curves(self):
        curves = {("a", 3): power_law(factors=(1,)), ("b", 3): power_law(9, -1)}
        display = SampleComplexityDisplay(study(curves)).plot(reference_slopes=[-1])
        to_panel = display.ax_.transData - display.ax_.transAxes
        share = np.linspace(0, 1, 50)[:, None]

        def along(line):
            start, *_, end = to_panel.transform(line.get_xydata())
            return start + share * (end - start)

        (guide,) = map(along, display.guides_)
        for line in display.lines_:  # straight on logarithmic axes
            gaps = np.linalg.norm(guide[:, None] - along(line), axis=2)
            assert gaps.min() > 0.05

    def test_larger_dimensions_are_darker(self):
        curves = {("a", d): power_law(d) for d in (2, 4, 8)}
        lines = SampleComplexityDisplay(study(curves)).plot().lines_
        light = [sum(to_rgb(line.get_color())) for line in lines]
        assert light == sorted(light, reverse=True)
        assert len(set(light)) == 3
        assert [line.get_linestyle() for line in lines] == ["-.", "--", "-"]

    def test_estimators_differ_by_colour_and_marker(self):
        names = "abcdefg"
        curves = {(name, 2): power_law() for name in names}
        lines = SampleComplexityDisplay(study(curves)).plot().lines_
        assert len({line.get_color() for line in lines}) == len(names)
        assert len({line.get_marker() for line in lines}) == len(names)

    def test_names_are_those_of_lines_and_legends(self):
        display = SampleComplexityDisplay(TWO).plot(name={"b": "kernel"})
        labels = [line.get_label() for line in display.lines_]
        assert labels == ["a, d = 2", "a, d = 8", "kernel, d = 8"]
        texts = [
            [text.get_text() for text in legend.get_texts()]
            for legend in display.legends_
        ]
        assert texts == [["a", "kernel"], ["d = 2", "d = 8"]]
        single = SampleComplexityDisplay(study({("a", 2): power_law()}))
        display = single.plot(name="network")
        assert [text.get_text() for text in display.legends_[0].get_texts()] == [
            "network"
        ]

    def test_keywords_reach_the_lines(self):
        display = SampleComplexityDisplay(TWO).plot(curve_kwargs={"lw": 5, "ls": ":"})
        assert {line.get_linewidth() for line in display.lines_} == {5}
        assert {line.get_linestyle() for line in display.lines_} == {":"}
        display = SampleComplexityDisplay(TWO).plot(
            curve_kwargs={"b": {"c": "red", "marker": "*"}}
        )
        assert [line.get_marker() for line in display.lines_] == ["o", "o", "*"]
        assert display.lines_[2].get_color() == (1, 0, 0)

    def test_a_study_without_dimensions(self):
        result = study({("a", None): power_law(), ("b", None): power_law(3)})
        display = SampleComplexityDisplay.from_result(result)
        assert [line.get_label() for line in display.lines_] == ["a", "b"]
        assert len(display.legends_) == 1
        with pytest.raises(ValueError, match=r"power=2 needs the column 'n_features'"):
            SampleComplexityDisplay.from_result(result, power=2)

    def test_from_estimators_draws_the_same_study(self, band_ends):
        estimators = {"ols": LinearRegression(), "ridge": Ridge(10)}
        run = {
            "make_dataset": partial(make_single_index, link="relu", noise=0.1),
            "train_sizes": [20, 40, 80],
            "n_features": [2, 5],
            "n_repeats": 3,
            "n_test": 50,
            "scoring": ["normalized_mse", "r2"],
            "random_state": 0,
        }
        look = {"score": "normalized_mse", "power": 1, "reference_slopes": [-1]}
        one = SampleComplexityDisplay.from_estimators(estimators, **run, **look)
        other = SampleComplexityDisplay.from_result(
            sample_complexity_curve(estimators, **run), **look
        )
        for drawn in ("lines_", "guides_"):
            for line, same in zip(
                getattr(one, drawn), getattr(other, drawn), strict=True
            ):
                np.testing.assert_array_equal(line.get_xydata(), same.get_xydata())
                assert line.get_label() == same.get_label()
        for band, same in zip(one.bands_, other.bands_, strict=True):
            np.testing.assert_array_equal(band_ends(band), band_ends(same))

    def test_choices_are_refused_before_anything_is_fitted(self):
        def never(**_):
            raise AssertionError

        run = partial(
            SampleComplexityDisplay.from_estimators, Ridge(), never, train_sizes=[10]
        )
        with pytest.raises(ValueError, match=r"the scores .*'r2'.* Choose one"):
            run(scoring=["normalized_mse", "r2"])
        with pytest.raises(ValueError, match="power=1 needs the column 'n_features'"):
            run(power=1)
        with pytest.raises(ValueError, match=r"of 'r2' more is better"):
            run(scoring="r2", reference_slopes=[-1])
        with pytest.raises(ValueError, match="'band' parameter"):
            run(band="sem")
        with pytest.raises(ValueError, match=r"name has \['c'\].*\['Ridge'\]"):
            run(name={"c": "x"})
        with pytest.raises(ValueError, match=r"curve_kwargs has \['c'\]"):
            run(curve_kwargs={"c": {"lw": 1}})

    def test_what_cannot_be_drawn_is_refused(self):
        plot = SampleComplexityDisplay(TWO).plot
        with pytest.raises(ValueError, match=r"name='x' is one label for 2 estimators"):
            plot(name="x")
        with pytest.raises(ValueError, match=r"name has \['c'\].*\['a', 'b'\]"):
            plot(name={"c": "x"})
        with pytest.raises(ValueError, match=r"curve_kwargs has \['c'\]"):
            plot(curve_kwargs={"c": {"lw": 1}})
        with pytest.raises(ValueError, match="'band' parameter"):
            plot(band="sem")
        with pytest.raises(ValueError, match="score='r2' is not one of"):
            SampleComplexityDisplay(TWO, score="r2").plot()
        zero = study({("a", 2): [[1.0, 0, 2]]})
        with pytest.raises(AttributeError, match="nonsense"):
            plot(curve_kwargs={"nonsense": 1})
        with pytest.raises(ValueError, match="the smallest mse is 0"):
            SampleComplexityDisplay(zero).plot(reference_slopes=[-1])
        with pytest.raises(ValueError, match=r"mse.* more is better once negated"):
            SampleComplexityDisplay(TWO).plot(negate_score=True, reference_slopes=[-1])
        assert plt.get_fignums() == []

    def test_curves_without_points_are_named(self):
        curves = {("a", 2): power_law(), ("b", 2): np.nan * power_law()}
        result = study(curves)
        with pytest.warns(UserWarning, match="No mse is finite of b at d = 2") as said:
            display = SampleComplexityDisplay(result).plot()
        assert said[0].filename == __file__
        assert [line.get_label() for line in display.lines_] == ["a, d = 2"]
        with pytest.raises(ValueError, match="of 1 curves"):
            SampleComplexityDisplay(result.select(estimator="b")).plot()

    def test_legends_stand_above_the_panel_and_in_the_figure(self):
        names = "two layers", "kernel", "three layers, the second trained"
        curves = {(name, d): power_law(d) for name in names for d in (10, 20, 40, 80)}
        display = SampleComplexityDisplay(study(curves)).plot(reference_slopes=[-1])
        figure = display.figure_
        assert figure.get_size_inches() == pytest.approx([3.3, 2.6])
        figure.canvas.draw()
        assert set(display.legends_) <= set(display.ax_.get_children())
        upper, lower = (legend.get_window_extent() for legend in display.legends_)
        panel = display.ax_.get_window_extent()
        assert panel.y1 <= lower.y0 + 1e-6
        assert lower.y1 <= upper.y0 + 1e-6
        for box in (upper, lower):
            assert 0 <= box.x0 < box.x1 <= figure.bbox.width + 1e-6
            assert box.y1 <= figure.bbox.height + 1e-6
        sizes = {text.get_fontsize() for text in display.ax_.get_xticklabels()}
        assert sizes == {8}

    def test_few_powers_of_ten_have_plain_numbers(self):
        scores = [[0.9, 0.4, 0.15]]
        result = study({("a", 2): scores}, sizes=(100, 300, 900))
        axes = SampleComplexityDisplay(result).plot().ax_
        axes.figure.canvas.draw()
        for axis, shown in ((axes.xaxis, {"100", "500"}), (axes.yaxis, {"0.2", "0.5"})):
            assert shown <= {label.get_text() for label in axis.get_ticklabels()}
