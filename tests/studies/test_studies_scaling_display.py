"""What is drawn of exponents, against crossings that are known."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_depth.studies import (
    SampleComplexityDisplay,
    ScalingExponentDisplay,
    StudyResult,
    scaling_exponent,
)

pytestmark = pytest.mark.usefixtures("figures_and_settings")
SIZES = np.array([10, 100, 1000])


def study(crossings, target=0.1):
    """Errors through the target at {(estimator, d): a crossing for each repeat}."""
    rows = [
        (name, d, repeat, n, target * (n / crossing) ** -0.7)
        for (name, d), of_repeats in crossings.items()
        for repeat, crossing in enumerate(of_repeats)
        for n in SIZES
    ]
    names = ("estimator", "n_features", "repeat", "n_samples", "mse")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return StudyResult(columns, {"scoring": {"mse": "lower"}})


LEARNERS = study(
    {("a", d): 5 * d * np.array([0.8, 1, 1.1, 1.3]) for d in (4, 8, 16)}
    | {("b", 4): [300, 400, 500, 600], ("b", 8): [5000] * 4, ("b", 16): [5000] * 4}
    | {("c", 4): [1.0] * 4, ("c", 8): [30] * 4, ("c", 16): [60, 61, 59, 60]}
)


def draw(**look):
    return ScalingExponentDisplay.from_result(LEARNERS, target=0.1, **look)


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_points_are_medians_and_lines_the_fitted_powers():
    display = draw()
    with pytest.warns(UserWarning):
        exponents, _ = scaling_exponent(LEARNERS, 0.1)
    first, second, third = display.lines_
    np.testing.assert_array_equal(first.get_xdata(), [4, 8, 16])
    np.testing.assert_allclose(first.get_ydata(), [20.976, 41.952, 83.905], rtol=1e-4)
    np.testing.assert_array_equal(second.get_xdata(), [4])
    np.testing.assert_array_equal(third.get_xdata(), [8, 16])
    row = exponents.rows()[0]
    for d, n in display.fits_[0].get_xydata():
        assert n == pytest.approx(row["constant"] * d ** row["exponent"])
    assert display.fits_[1].get_xydata().size == 0


def test_dimensions_that_are_censored_are_arrows_and_no_points():
    display = draw()
    up, down = display.arrows_
    np.testing.assert_array_equal(up.get_ydata(), [1000, 1000])
    np.testing.assert_allclose(up.get_xdata(), [8, 16], rtol=0.1)
    np.testing.assert_array_equal(down.get_ydata(), [10])
    heights = [line.get_marker().vertices[:, 1] for line in (up, down)]
    assert heights[0].min() == heights[1].max() == 0
    entries = texts(display.legends_[0])
    assert entries[-2:] == ["not reached", "at the smallest size"]
    drawn = np.concatenate([line.get_ydata() for line in display.lines_])
    assert np.isfinite(drawn).all()


def test_arrows_of_one_place_stand_apart_within_the_panel():
    result = study({(name, d): [5000] * 3 for name in "abc" for d in (4, 16)})
    display = ScalingExponentDisplay.from_result(result, target=0.1)
    feet = [line.get_xdata()[0] for line in display.arrows_]
    assert len(set(feet)) == 3
    display.figure_.canvas.draw()
    panel = display.ax_.get_window_extent()
    for line in display.arrows_:
        box = line.get_window_extent()
        assert panel.y0 <= box.y0 and box.y1 <= panel.y1


def test_the_legend_has_exponents_with_intervals():
    with pytest.warns(UserWarning):
        exponents, _ = scaling_exponent(LEARNERS, 0.1, confidence_level=0.8)
    entries = texts(draw(confidence_level=0.8, name={"a": "net"}).legends_[0])
    a, b, _ = exponents.rows()
    ends = f"{a['exponent_low']:.2f} to {a['exponent_high']:.2f}"
    assert entries[0] == f"net, $k$ = {a['exponent']:.2f} ({ends})"
    assert b["exponent"] == np.inf
    assert entries[1] == f"b, $k$ > {b['exponent_low']:.2f}"


def test_falling_slopes_have_a_minus_sign():
    result = study({("a", d): np.array([100, 90, 110]) * 8 / d for d in (4, 8)})
    display = ScalingExponentDisplay.from_result(result, target=0.1)
    assert texts(display.legends_[0])[0].startswith("a, $k$ = \N{MINUS SIGN}1.00")


def test_reference_slopes_are_of_the_dimension():
    guides = draw(reference_slopes=[1, 2]).guides_
    slopes = [np.ptp(np.log(line.get_ydata())) for line in guides]
    widths = [np.ptp(np.log(line.get_xdata())) for line in guides]
    np.testing.assert_allclose(np.divide(slopes, widths), [1, 2])


def test_several_results_on_one_panel():
    one = draw(name={"a": "first"})
    two = ScalingExponentDisplay.from_result(
        LEARNERS.select(estimator="a"), target=0.1, ax=one.ax_, name="second"
    )
    assert plt.get_fignums() == [one.figure_.number]
    colours = [line.get_color() for line in one.lines_ + two.lines_]
    assert len(set(colours)) == 4
    names = [entry.split(",")[0] for legend in two.legends_ for entry in texts(legend)]
    assert {"first", "b", "c", "second"} <= set(names)


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("display", [ScalingExponentDisplay, SampleComplexityDisplay])
def test_data_sets_have_a_panel_each(display, given):
    columns = {name: np.tile(values, 2) for name, values in LEARNERS.columns.items()}
    columns["mse"][len(LEARNERS) :] *= 2
    columns["dataset"] = np.repeat(["near", "far"], len(LEARNERS))
    result = StudyResult(columns, LEARNERS.config)
    more = {"target": 0.1} if display is ScalingExponentDisplay else {}
    ax = plt.subplots(1, 2)[1] if given else None
    drawn = display.from_result(result, ax=ax, reference_slopes=[-1], **more)
    near = display.from_result(LEARNERS, **more)
    assert len(drawn.axes_) == 2 and drawn.ax_ is drawn.axes_[0]
    lines = drawn.lines_[: len(near.lines_)]
    for line, alone in zip(lines, near.lines_, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), alone.get_xydata())
        assert line.get_color() == alone.get_color()
        assert line.axes is drawn.axes_[0]
    assert drawn.lines_[-1].axes is drawn.axes_[1]
    names = [panel.texts[-1].get_text() for panel in drawn.axes_]
    assert names == ["near", "far"]
    if not given:
        drawn.figure_.canvas.draw()
        assert drawn.figure_.get_size_inches()[0] == 3.3
        boxes = [panel.get_window_extent() for panel in drawn.axes_]
        assert boxes[0].y0 > boxes[1].y1
    with pytest.raises(ValueError, match="draws on 2 axes, and ax has 1"):
        display.from_result(result, ax=plt.figure().subplots(), **more)


def test_texts_are_six_points_or_more():
    display = draw(reference_slopes=[1])
    found = [
        text
        for text in display.figure_.findobj(plt.Text)
        if text.get_text() and text.get_visible()
    ]
    assert min(text.get_fontsize() for text in found) >= 6


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match=r"target=0.* must be positive"):
        ScalingExponentDisplay.from_result(LEARNERS, target=0.0)
    with pytest.raises(ValueError, match="takes two dimensions"):
        ScalingExponentDisplay.from_result(LEARNERS.select(n_features=4), target=0.1)
    with pytest.raises(ValueError, match=r"name has \['z'\]"):
        draw(name={"z": "x"})
    assert plt.get_fignums() == []
