"""Speed and memory: every ratio that was promised, both sides in turn in one run."""

from speed.page import speed_section
from speed.runner import run_speed
from speed.summary import summary

__all__ = ["run_speed", "speed_section", "summary"]
