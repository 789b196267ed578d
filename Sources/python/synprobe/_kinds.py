"""The kinds of results are made when they are first needed: a probe can leave before."""
import os
import threading

# A child would wait for ever for the lock of a module that another thread of its parent was importing: forks wait for it.
_lock = threading.RLock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def kind(name: str) -> "Any":
    """The kind of result of that name, a class of one of the modules here.

    :raises AttributeError: there is none.
    """
    with _lock:
        from . import _results, _trace, _verdicts
    for module in _results, _trace, _verdicts:
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module 'synprobe' has no attribute {name!r}")
