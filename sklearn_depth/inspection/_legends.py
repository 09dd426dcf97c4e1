"""Legends above panels of our own, and inside those that were given."""

from itertools import chain, zip_longest

from sklearn_depth.inspection._drawing import SMALL

_ABOVE = "sklearn_depth: above"
# The upper end of an axis of shares.
_WHOLE = 1.05
# Room for a legend over its height, and the most of a panel that it may take.
_MARGIN, _MOST_TAKEN = 1.6, 0.6


def draw_legends(panel, groups, alone, at_top=False):
    """Legends of lists of (handle, label), with the names that the panel has already.

    Above a panel that is ours each list has its own, the first on top. In one that was
    given, whose title may come to stand above, all are in one, which is where it covers
    least, or along the top.
    """
    earlier = sorted(_legends(panel), key=lambda legend: -legend.get_window_extent().y0)
    above = alone or any(legend.get_gid() == _ABOVE for legend in earlier)
    former = [_entries(legend) for legend in earlier]
    for legend in earlier:
        legend.remove()
    if not above:
        draw = _draw_along_top if at_top else _draw_inside
        return [draw(panel, _distinct(chain(*former, *groups)))]
    both = zip_longest(former, groups, fillvalue=())
    return _draw_above(panel, [_distinct(chain(*entries)) for entries in both])


def _legends(panel):
    from matplotlib.legend import Legend

    return [child for child in panel.get_children() if isinstance(child, Legend)]


def _entries(legend):
    texts = [text.get_text() for text in legend.get_texts()]
    return list(zip(legend.legend_handles, texts, strict=True))


def _distinct(entries):
    """The last of those with one label and one look, as of data or the truth."""
    distinct = {}
    for handle, label in entries:
        key = label, _look(handle)
        distinct.pop(key, None)
        distinct[key] = handle, label
    return list(distinct.values())


def _look(handle):
    names = ("color", "facecolor", "marker", "linestyle")
    getters = (getattr(handle, f"get_{name}", None) for name in names)
    return str([get() for get in getters if get is not None])


def _draw_inside(panel, entries):
    """Where it covers least."""
    handles, labels = zip(*entries, strict=True)
    return panel.legend(handles, labels, loc="best", fontsize="small")


def _draw_along_top(panel, entries):
    """Inside, as wide as the panel."""
    place = {"loc": "upper right", "borderaxespad": 0.3}
    return _draw_columns(panel, entries, 0.97 * panel.bbox.width, **place)


def make_room(panel, legends, tallest):
    """Let shares from 0 to 1 end below legends along the top of a panel.

    A title that is written later makes a panel of ``layout="constrained"`` lower.
    """
    heights = [legend.get_window_extent().height for legend in legends]
    taken = min(_MARGIN * sum(heights) / panel.bbox.height, _MOST_TAKEN)
    top = max(_WHOLE, panel.get_ylim()[1], tallest / (1 - taken))
    panel.set_ylim(0, top)


def _draw_above(panel, groups):
    """As wide as the figure."""
    from matplotlib.transforms import ScaledTranslation

    width = 0.95 * panel.figure.bbox.width
    legends, height = [], 0.0
    for group in reversed(groups):
        lift = ScaledTranslation(0, height, panel.figure.dpi_scale_trans)
        place = {"bbox_to_anchor": (1, 1), "bbox_transform": panel.transAxes + lift}
        place |= {"loc": "lower right", "borderaxespad": 0}
        legend = _draw_columns(panel, group, width, **place)
        legend.set_gid(_ABOVE)
        height += legend.get_window_extent().height / panel.figure.dpi
        legends.insert(0, legend)
    for legend in legends[1:]:
        panel.add_artist(legend)  # each was replaced by the next
    return legends


def _draw_columns(panel, group, width, **place):
    """In as many columns as there is width for; bars need less of it than lines."""
    from matplotlib.patches import Rectangle

    handles, labels = zip(*group, strict=True)
    bars = all(isinstance(handle, Rectangle) for handle in handles)
    for n_columns in range(len(group), 0, -1):
        legend = panel.legend(
            handles,
            labels,
            ncols=n_columns,
            frameon=False,
            fontsize=SMALL,
            handlelength=1.2 if bars else 2.2,
            handletextpad=0.4,
            columnspacing=0.8,
            borderpad=0.2,
            **place,
        )
        if legend.get_window_extent().width <= width:
            break
    return legend
