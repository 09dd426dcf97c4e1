"""Dotted powers of n in the emptiest corner of a panel with logarithmic axes."""

from itertools import pairwise, product

import numpy as np

from sklearn_depth.studies._panels import GREY

# Of the panel: the box that lines stay in, and what their labels need beside it.
_BOX = np.array([0.24, 0.3])
_LABELS = np.array([0.12, 0.1])
_MARGIN = 0.03


def draw_guides(ax, slopes, lines, bands):
    """Lines n^slope from one point, where fewest of the curves are."""
    ax.get_xlim(), ax.get_ylim()  # brings limits up to date with what is drawn
    curves = [line.get_xydata() for line in lines]
    curves += [path.vertices for band in bands for path in band.get_paths()]
    to_panel = ax.transData - ax.transAxes
    taken = np.concatenate([_along(to_panel.transform(xy)) for xy in curves])
    corner = _emptiest(taken)
    return [_draw(ax, slope, corner) for slope in slopes]


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


def _draw(ax, slope, corner):
    """One line, from the upper or lower left end of the box to where it leaves it."""
    from matplotlib.lines import Line2D

    low = corner + np.array([0, _LABELS[1]])
    high = low + _BOX
    start = np.array([low[0], high[1] if slope < 0 else low[1]])
    (x_low, x_high), (y_low, y_high) = np.log(ax.get_xlim()), np.log(ax.get_ylim())
    steepness = slope * (x_high - x_low) / (y_high - y_low)
    length = _BOX[0] if slope == 0 else min(_BOX[0], _BOX[1] / abs(steepness))
    end = start + length * np.array([1, steepness])
    ends = (ax.transAxes - ax.transData).transform([start, end])
    line = Line2D(*ends.T, color=GREY, linestyle=":", linewidth=1.2, zorder=1)
    line.set_label(f"_n^{slope:g}")
    ax.add_artist(line)  # unlike plot, it leaves the limits as they are
    steep = length < _BOX[0]
    ax.annotate(
        f"$n^{{{slope:g}}}$",
        ends[1],
        xytext=(0, -2 if slope < 0 else 2) if steep else (2, 0),
        textcoords="offset points",
        ha="center" if steep else "left",
        va=("top" if slope < 0 else "bottom") if steep else "center",
        color=GREY,
    )
    return line
