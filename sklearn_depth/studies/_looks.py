"""How curves of a study look: colours, markers and names of estimators, shades of d."""

from sklearn_depth.studies._panels import COLOURS, LINE, MARKERS, faded, style

# From the largest dimension down, beside shades.
_DASHES = "-", "--", "-.", (0, (4, 1, 1, 1, 1, 1))
_LIGHTEST = 0.4


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


def styles_of(curve_kwargs, estimators):
    """{estimator: keywords of its lines}: the user's over ours."""
    given = curve_kwargs or {}
    if not (given and all(isinstance(value, dict) for value in given.values())):
        given = dict.fromkeys(estimators, given)
    _check_known(given, estimators, "curve_kwargs")
    styles = {}
    for k, estimator in enumerate(estimators):
        default = {
            "color": COLOURS[k % len(COLOURS)],
            "marker": MARKERS[k % len(MARKERS)],
        }
        styles[estimator] = style(default | LINE, given.get(estimator))
    return styles


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
