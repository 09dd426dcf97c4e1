"""What all displays share: axes for a column of a page, looks of lines."""

from contextlib import contextmanager

import numpy as np

from sklearn_depth.utils._optional import check_installed
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import merge_style

# Inches, of a figure and a row of its legend, and points: a column of a page, legible
# as it is.
WIDTH, HEIGHT, ROW = 3.3, 2.6, 0.155
LEAST, SMALL, USUAL = 6, 8, 9
# Of Okabe and Ito, told apart by all eyes; light ones last.
COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#000000",
    "#E69F00",
    "#56B4E9",
)
MARKERS = "os^DvPX*"  # one more than colours: 56 pairs
# Numbers that are read more easily than as powers of ten.
_PLAIN = 1e-3, 1e5
LINE = {"linewidth": 1.4, "markersize": 3.5}
GUIDE = {"color": "0.45", "linestyle": ":", "linewidth": 1.2}
TRUTH = {"color": "black", "linestyle": ":", "linewidth": 1.4, "label": "truth"}
DATA = {"color": "0.65", "label": "data"}


@contextmanager
def panels(display, ax, n_panels=1, n_rows=0):
    """Axes to draw on: those given, or new ones below each other, as a list.

    New ones have room for so many further rows of legends.
    """
    caller = f"{type(display).__name__}.plot"
    check_installed("matplotlib", caller)
    import matplotlib.pyplot as plt

    if ax is not None:
        given = list(np.ravel(ax))
        if len(given) != n_panels:
            raise ValueError(
                f"{caller} draws on {n_panels} axes, and ax has {len(given)}."
            )
        yield given
        return
    # The first figure chooses the backend, whose settings no context may undo.
    figure = plt.figure(
        figsize=(WIDTH, HEIGHT * (1 + 0.4 * (n_panels - 1)) + ROW * n_rows),
        dpi=200,
        layout="constrained",
    )
    with plt.rc_context({"font.size": SMALL, "axes.labelsize": USUAL}):
        made = figure.subplots(n_panels, sharex=True, squeeze=False)
        for panel in made[:, 0]:
            panel.spines[["top", "right"]].set_visible(False)
            panel.tick_params(labelsize=SMALL)  # ticks are made after the context
        try:
            yield list(made[:, 0])
        except BaseException:
            plt.close(figure)  # nobody could
            raise


def label_panels(axes, x, y, alone):
    """What is on the axes of panels; once for all below each other that are ours."""
    if alone and len(axes) > 1:
        axes[0].figure.supylabel(y, fontsize=USUAL)
        axes[-1].set_xlabel(x)
        return
    for panel in axes:
        panel.set(xlabel=x, ylabel=y)


def name_panel(panel, name):
    """A name along the right side, where neither titles nor curves are."""
    place = {"xycoords": "axes fraction", "textcoords": "offset points"}
    look = {"rotation": 270, "va": "center", "ha": "left", "fontsize": SMALL}
    panel.annotate(name, (1, 0.5), xytext=(3, 0), **place, **look)


def faded(colour, share):
    """A colour over white."""
    from matplotlib.colors import to_rgb

    return tuple(1 - share * (1 - np.array(to_rgb(colour))))


def line_look(k, chosen, **ours):
    """Keywords of the k-th line of a panel: the user's, with their aliases, over ours.

    Colours and markers come round at different lines.
    """
    of_place = {
        "color": COLOURS[k % len(COLOURS)],
        "marker": MARKERS[k % len(MARKERS)],
    }
    return merge_style(LINE | of_place | ours, chosen or {})


def draw_function(panel, x, y, label, chosen):
    """A learned function, as a line without markers."""
    look = line_look(n_drawn(panel), chosen, marker="none", label=label)
    (line,) = panel.plot(x, y, **look)
    return line


def draw_truth(panel, x, truth):
    """The true function, dotted; None where it is not known."""
    if truth is None:
        return None
    (line,) = panel.plot(x, truth(x), **TRUTH)
    return line


def draw_data(panel, x, y, chosen):
    """Data as dots."""
    dots = merge_style(DATA | {"s": 5, "linewidths": 0}, chosen or {})
    return panel.scatter(x, y, **dots)


def draw_note(panel, text, place, offset, **more):
    """A word beside a guide, so many points from its place."""
    look = {"textcoords": "offset points", "color": GUIDE["color"]}
    panel.annotate(text, place, xytext=offset, **look | more)


def fill(panel, x, ends, colour):
    """A band between two lines."""
    return panel.fill_between(x, *ends, color=colour, alpha=0.2, linewidth=0)


def plain_ticks(axis):
    """Decimal numbers at 1, 2, 5 of a logarithmic axis that has few powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    low, high = axis.get_view_interval()
    if not (_PLAIN[0] <= low and high <= _PLAIN[1] and high / low < 100):
        return
    for digits in ((1, 2, 5), range(1, 10)):
        ticks = np.outer(10.0 ** np.arange(-4, 6), digits)
        if np.sum((low <= ticks) & (ticks <= high)) > 1:
            axis.set_major_locator(LogLocator(subs=digits))
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())
            return


def whole_numbers(axis):
    """Ticks at whole numbers alone."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))


def n_drawn(panel):
    """How many learners have lines on a panel; lines of one marker are of one."""
    others = TRUTH["label"], DATA["label"]
    lines = [line for line in panel.get_lines() if line.get_label() not in others]
    lines = [line for line in lines if not line.get_label().startswith("_")]
    markers = [str(line.get_marker()).lower() for line in lines]
    plain = sum(marker in ("none", "", " ") for marker in markers)
    return len({*markers} - {"none", "", " "}) + plain


def with_labels(*artists):
    """Entries of a legend from artists that have labels; None is none."""
    return [(artist, artist.get_label()) for artist in artists if artist is not None]


def some_rows(n_samples, n_shown, random_state):
    """Indices of at most so many samples, drawn without replacement, in order."""
    if n_shown is None or n_shown >= n_samples:
        return np.arange(n_samples)
    rng = check_generator(random_state)
    return np.sort(rng.choice(n_samples, n_shown, replace=False))


def one_target(values, what):
    """Targets of shape (n_samples,); refuse several."""
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        return values[:, 0]
    if values.ndim != 1:
        raise ValueError(
            f"{what} has the shape {values.shape}, and one target is drawn at a time. "
            "Fit and pass a single target."
        )
    return values
