"""Packages that only some functions need, and the extra that each comes with."""

from importlib import import_module

EXTRAS = {
    "matplotlib": "plot",
    "pandas": "tables",
    "pyarrow": "tables",
    "skl2onnx": "onnx",
}


def check_installed(package, caller):
    """Say who needs a package that is missing, and how to get it."""
    try:
        import_module(package)
    except ImportError as error:
        raise ImportError(
            f"{caller} needs {package}. Install it by pip install "
            f"'sklearn-depth[{EXTRAS[package]}]'."
        ) from error
