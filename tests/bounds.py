"""Requirements for pip that follow from pyproject.toml: ``oldest`` or ``no-torch``.

``make test-oldest`` installs what the first prints, and then tests that it did.
"""

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
# What the oldest versions cannot work with, although they allow it.
TOO_NEW = ["pyparsing<3.3"]  # deprecates names that Matplotlib 3.9 uses


def required(extra=None):
    """The requirements of the package or of an extra."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return project["optional-dependencies"][extra] if extra else project["dependencies"]


def oldest():
    """The lower bounds of the package and its tests, as the versions to install."""
    bounds = sorted({*required(), *required("test")})
    return [bound.replace(">=", "==") for bound in bounds]


def without_torch():
    """What the package needs besides torch, and pytest."""
    tools = [bound for bound in required("test") if bound.startswith("pytest")]
    kept = [bound for bound in required() if not bound.startswith(("torch", "skorch"))]
    return kept + tools


def test_the_oldest_versions_are_installed():
    from packaging.requirements import Requirement

    pins = [Requirement(pin) for pin in oldest()]
    assert len(pins) >= 8
    for pin in pins:
        assert [found.operator for found in pin.specifier] == ["=="]
        assert version(pin.name) in pin.specifier, pin


if __name__ == "__main__":
    lines = {"oldest": oldest() + TOO_NEW, "no-torch": without_torch()}[sys.argv[1]]
    sys.stdout.write("\n".join(lines) + "\n")
