"""Ctrl-C at a line of one's choice."""

import sys


def is_interrupted(use, line, module):
    """Raise KeyboardInterrupt at that line of the module; whether there is one.

    Lines count in the order in which ``use()`` comes to them, in this thread.
    """
    lines_before = iter(range(line))

    def trace(frame, event, arg):
        if frame.f_code.co_filename != module.__file__:
            return None
        if event == "line" and next(lines_before, None) is None:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        use()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False
