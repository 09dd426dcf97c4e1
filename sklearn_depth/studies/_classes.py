"""What tells a class of the user's from the one that it was before an edit."""

import ast
import inspect
import sys
import sysconfig
from functools import cache
from pathlib import Path
from types import FunctionType

_INSTALLED = {"site-packages", "dist-packages"}


@cache
def own_classes(cls):
    """The class and its bases, without those of installed packages."""
    return [base for base in cls.__mro__ if not is_installed(base.__module__)]


def is_installed(name):
    """Whether a module is of Python or of a package that was installed."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None:  # no file of ours: a notebook's, or not imported here
        return name in sys.builtin_module_names
    path = Path(file)
    return path.is_relative_to(sysconfig.get_path("stdlib")) or bool(
        _INSTALLED & {*path.parts}
    )


def parts_of_class(cls):
    """Its text, or where there is none what it holds, and all its functions."""
    functions = {name: functions_in(member) for name, member in vars(cls).items()}
    functions = {name: found for name, found in functions.items() if found}
    return [cls.__qualname__, text_of(cls) or data_of(cls), functions]


def functions_in(member):
    """A function, or those of a property, a class method or another descriptor."""
    held = dict(getattr(member, "__dict__", {}))
    for name in ("fget", "fset", "fdel", "__func__"):
        held[name] = getattr(member, name, None)
    return [part for part in (member, *held.values()) if isinstance(part, FunctionType)]


@cache
def text_of(cls):
    """The statement that made it, without comments; None where it is not found.

    It is looked up by a method, as ``inspect.getsource`` finds no class of a notebook.
    """
    for member in vars(cls).values():
        for function in functions_in(member):
            if function.__qualname__.startswith(f"{cls.__qualname__}."):
                found = statement_around(function.__code__, cls.__name__)
                if found is not None:
                    return ast.unparse(found)
    return None


def statement_around(code, name):
    """The innermost statement of a class of this name around a function."""
    try:
        lines, _ = inspect.findsource(code)
        tree = ast.parse("".join(lines))
    except (OSError, SyntaxError):
        return None
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and node.name == name
        and node.lineno <= code.co_firstlineno <= node.end_lineno
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def data_of(cls):
    """Attributes that are no functions."""
    return {
        name: value
        for name, value in vars(cls).items()
        if name[:2] != "__" and name != "_abc_impl" and not hasattr(value, "__get__")
    }
