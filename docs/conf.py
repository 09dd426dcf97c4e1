"""Sphinx configuration; ``sphinx-build -W -b html docs docs/_build/html`` builds all.

The gallery runs the examples, which takes minutes the first time; later builds run
again only those that have changed.
"""

import re
import sys
from pathlib import Path

from matplotlib import animation

import sklearn_depth

sys.path.append(str(Path(__file__).parent))  # for experiment_pages

project = "sklearn_depth"
author = "The sklearn_depth developers"
copyright = author
version = release = sklearn_depth.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas without a network
    "myst_parser",
    "experiment_pages",
]
myst_heading_anchors = 2  # for the links to tables of experiments
# The names that the pages refer to, by hand: a build needs no network.
intersphinx_mapping = {
    "sklearn": ("https://scikit-learn.org/stable/", "scikit_learn.inv")
}
exclude_patterns = ["_build"]
templates_path = ["_templates"]
# CONTRIBUTING.md and CHANGES.md are included as they are: `code` must mean code.
default_role = "code"
# Quotes stay as typed: the links to a parameter look for the text of its type.
smartquotes_action = "De"

autosummary_generate = True
autodoc_member_order = "bysource"
add_module_names = False
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "generated/gallery",
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"^(?!plot_)",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("sklearn_depth",),
    "image_srcset": ["2x"],
    "matplotlib_animations": True,
    "abort_on_example_error": True,
    "write_computation_times": False,
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
}

# The buttons of an animation have the theme's icons, not those of another host.
animation.JS_INCLUDE = re.sub(r"<link[^>]*>", "", animation.JS_INCLUDE)

html_theme = "pydata_sphinx_theme"
html_title = "sklearn_depth"
# Without it the theme warns of an invalid mode on the console of every new reader.
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {
    "index": [],
    "first_steps": [],
    "which_estimator": [],
    "benchmarks": [],
    "studies": [],
    "contributing": [],
    "changes": [],
}
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 8,
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}


def skip_members_of_scikit_learn(app, what, name, obj, skip, options):
    """Leave out what every estimator inherits from scikit-learn, such as get_params."""
    module = getattr(obj, "__module__", None) or ""
    return True if module.startswith("sklearn.") else None


def escape_trailing_underscores(app, what, name, obj, options, lines):
    """Keep the shape ``(n_features_in_,)`` from being read as a hyperlink."""
    lines[:] = [re.sub(r"(?<![`\w])(\w+)_(?=[,)])", r"\1\\_", line) for line in lines]


def setup(app):
    """Connect what autodoc asks about each member and each docstring."""
    app.connect("autodoc-skip-member", skip_members_of_scikit_learn)
    app.connect("autodoc-process-docstring", escape_trailing_underscores, priority=1)
