"""Which models compete on which tasks."""

from .class_models import ON_FEW_ROWS, OURS_FOR_CLASSES, RIVALS_FOR_CLASSES
from .models import MODELS, OURS
from .table_models import OURS_ON_TABLES, RIVALS_ON_TABLES

ON_TABLES = {**OURS_ON_TABLES, **RIVALS_ON_TABLES}
FOR_CLASSES = {**OURS_FOR_CLASSES, **RIVALS_FOR_CLASSES}
SPECIAL = {
    "tables": ON_TABLES,
    "classes": FOR_CLASSES,
    "class_tables": FOR_CLASSES,
}


def models_of(suite):
    """By name, all that compete on a suite."""
    return SPECIAL.get(suite, MODELS)


def competes(task, name):
    """Whether a model of the task's suite is run on it."""
    return name not in ON_FEW_ROWS or task.few


def is_ours(name):
    """Whether a model is one of this library that the theory speaks for."""
    return name in OURS or name in OURS_ON_TABLES
