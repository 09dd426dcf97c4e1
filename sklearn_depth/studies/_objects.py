"""Objects that a file names: what is called, what is bound, what is found."""

from functools import partial
from importlib import import_module

from sklearn_depth.studies._slips import Slip, check_call, check_type, meant


def build(value, place="The study"):
    """A value, with each table that has ``call`` or ``bind`` made into an object.

    ``call`` names what is called with the other keys, ``args`` before them; ``bind``
    what they are bound to by ``functools.partial``. ``place`` is where the file has it.
    """
    if isinstance(value, list):
        return [build(item, f"{place}[{k}]") for k, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    built = {name: build(item, f"{place}.{name}") for name, item in value.items()}
    verbs = [verb for verb in ("call", "bind") if verb in built]
    if not verbs:
        return built
    if len(verbs) > 1:
        raise Slip(f"{place} has both 'call' and 'bind'. Take one.")
    function = find_function(built.pop(verbs[0]), place)
    args = built.pop("args", [])
    check_type(args, list, f"{place}.args", "a list")
    check_call(function, args, built, place, whole=verbs == ["call"])
    if verbs == ["bind"]:
        return partial(function, *args, **built)
    try:
        return function(*args, **built)
    except Exception as error:
        raise Slip(f"{place}: {type(error).__name__}: {error}") from error


def find(name, place="The study"):
    """What "package.module:name" stands for."""
    check_type(name, str, place, "a text, 'package.module:name'")
    module, _, attribute = name.partition(":")
    found = None
    try:
        found = import_module(module)
        return getattr(found, attribute)
    except (ImportError, AttributeError, ValueError) as error:
        guess = meant([attribute], dir(found)) if attribute and found else ""
        raise Slip(
            f"{place}: {name!r} is not found: {error}.{guess} Write "
            "'package.module:name', and run from where it can be imported."
        ) from error


def find_function(name, place):
    """What can be called of that name."""
    found = find(name, place)
    if not callable(found):
        raise Slip(f"{place}: {name!r} is {found!r}, which cannot be called.")
    return found
