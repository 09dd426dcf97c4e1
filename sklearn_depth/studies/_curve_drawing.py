"""How curves of a study look: panels, estimators, dimensions, words, guides."""

from itertools import pairwise, product

import numpy as np

from sklearn_depth.inspection._drawing import GUIDE, LINE, draw_note, faded, line_look

# Of the panel: the box that lines stay in, and what their labels need beside it.
_BOX = np.array([0.24, 0.3])
_LABELS = np.array([0.12, 0.1])
_MARGIN = 0.03
_WORDS = {"normalized_mse": "normalized MSE", "r2": "R²"}
# From the largest dimension down, beside shades.
_DASHES = "-", "--", "-.", (0, (4, 1, 1, 1, 1, 1))
_LIGHTEST = 0.4


def datasets_of(result):
    """The data sets in the order of the table, or None alone where it names none."""
    if "dataset" not in result.columns:
        return [None]
    return list(dict.fromkeys(result.columns["dataset"].tolist()))


def of_dataset(result, dataset):
    """The part of a table that is of a data set."""
    return result if dataset is None else result.select(dataset=dataset)


def labels_of(name, estimators):
    """{estimator: label} from what the user calls them."""
    if name is None:
        return {estimator: estimator for estimator in estimators}
    if isinstance(name, str):
        if len(estimators) > 1:
            raise ValueError(
                f"name={name!r} is one label for {len(estimators)} estimators. Pass a "
                f"dict by the names {list(estimators)}."
            )
        name = dict.fromkeys(estimators, name)
    _check_known(name, estimators, "name")
    return {estimator: name.get(estimator, estimator) for estimator in estimators}


def styles_of(curve_kwargs, estimators, n_others=0):
    """{estimator: keywords of its lines}: the user's over ours, after ``n_others``."""
    given = curve_kwargs or {}
    if not (given and all(isinstance(value, dict) for value in given.values())):
        given = dict.fromkeys(estimators, given)
    _check_known(given, estimators, "curve_kwargs")
    return {
        estimator: line_look(k, given.get(estimator))
        for k, estimator in enumerate(estimators, n_others)
    }


def of_dimension(d, dimensions):
    """Share of the colour, and dashes: full and solid for the largest."""
    if d is None or len(dimensions) == 1:
        return {"share": 1.0, "linestyle": _DASHES[0]}
    below = len(dimensions) - 1 - dimensions.index(d)
    share = 1 - (1 - _LIGHTEST) * below / (len(dimensions) - 1)
    return {"share": share, "linestyle": _DASHES[below % len(_DASHES)]}


def look_of(curve, labels, styles, dimensions):
    """Keywords of a line: its label, and a shade of the estimator's colour."""
    label, d = labels[curve.estimator], curve.n_features
    shade = of_dimension(d, dimensions)
    look = {
        "label": label if d is None else f"{label}, d = {d}",
        "linestyle": shade["linestyle"],
    }
    look |= styles[curve.estimator]
    return look | {"color": faded(look["color"], shade["share"])}


def legend_groups(curves, lines, labels, dimensions):
    """Estimators by the line of their largest dimension, then dimensions by shades."""
    from matplotlib.lines import Line2D

    last = {c.estimator: line for c, line in zip(curves, lines, strict=True)}
    estimators = [(line, labels[name]) for name, line in last.items()]
    if len(dimensions) < 2:
        return [estimators]
    shades = []
    for d in dimensions:
        look = of_dimension(d, dimensions)
        colour = faded("black", look.pop("share"))
        line = Line2D([], [], color=colour, linewidth=LINE["linewidth"], **look)
        shades.append((line, f"d = {d}"))
    return [estimators, shades]


def size_label(power):
    if power == 0:
        return "samples $n$"
    return "samples $n / d$" if power == 1 else f"samples $n / d^{{{power:g}}}$"


def _check_known(given, estimators, parameter):
    unknown = [key for key in given if key not in estimators]
    if unknown:
        raise ValueError(
            f"{parameter} has {unknown}, and the estimators are {list(estimators)}."
        )


def score_label(score, negated=False):
    """A score in words."""
    if score in _WORDS:
        return _WORDS[score]
    if negated:
        score = score.removeprefix("neg_")
    elif score.startswith("neg_"):
        score = score.replace("neg_", "negative ", 1)
    return score.replace("_", " ")


def draw_guides(panel, slopes, lines, bands=(), variable="n"):
    """Lines n^slope from one point, where fewest of the curves are."""
    panel.get_xlim(), panel.get_ylim()  # brings limits up to date with what is drawn
    curves = [line.get_xydata() for line in lines]
    curves += [path.vertices for band in bands for path in band.get_paths()]
    to_panel = panel.transData - panel.transAxes
    taken = np.concatenate([_along(to_panel.transform(xy)) for xy in curves])
    corner = _emptiest(taken)
    most, least = max(slopes, default=0), min(slopes, default=0)
    sides = {most: "bottom", least: "top"} if most > least else {}
    return [
        _draw_guide(panel, slope, corner, variable, sides.get(slope, "center"))
        for slope in slopes
    ]


def _along(points):
    """Points on the straight lines between points."""
    steps = np.linspace(0, 1, 30)[:, None]
    between = [start + steps * (end - start) for start, end in pairwise(points)]
    return np.concatenate([points, *between])


def _emptiest(taken):
    """The lower left end of the box with fewest points, near the origin if several."""
    size = _BOX + _LABELS
    places = [np.linspace(_MARGIN, 1 - _MARGIN - extent, 12) for extent in size]
    corners = sorted(product(*places), key=sum)
    inside = [
        np.sum(np.all((taken > corner) & (taken < corner + size), axis=1))
        for corner in np.array(corners)
    ]
    return np.array(corners[int(np.argmin(inside))])


def _draw_guide(panel, slope, corner, variable, side):
    """One line, from the upper or lower left end of the box to where it leaves it."""
    from matplotlib.lines import Line2D

    low = corner + np.array([0, _LABELS[1]])
    high = low + _BOX
    start = np.array([low[0], high[1] if slope < 0 else low[1]])
    width, height = (
        np.ptp(np.log(ends)) for ends in (panel.get_xlim(), panel.get_ylim())
    )
    steepness = slope * width / height
    length = _BOX[0] if slope == 0 else min(_BOX[0], _BOX[1] / abs(steepness))
    end = start + length * np.array([1, steepness])
    ends = (panel.transAxes - panel.transData).transform([start, end])
    line = Line2D(*ends.T, **GUIDE, zorder=1)
    line.set_label(f"_{variable}^{slope:g}")
    panel.add_artist(line)  # unlike plot, it leaves the limits as they are
    steep = length < _BOX[0]
    down = slope < 0
    draw_note(
        panel,
        f"${variable}^{{{slope:g}}}$",
        ends[1],
        (0, -2 if down else 2) if steep else (2, 0),
        ha="center" if steep else "left",
        va=("top" if down else "bottom") if steep else side,
    )
    return line
