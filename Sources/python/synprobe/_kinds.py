"""What is imported when it is first needed, as the kinds of results: a probe can leave before."""
import os
from _thread import RLock  # The module threading takes longer than all else here.

#: Held while a module is imported late. A child would wait for ever for the lock of one that another thread of its parent
#: was importing: forks wait for this one.
importing = RLock()
os.register_at_fork(before=importing.acquire, after_in_parent=importing.release, after_in_child=importing.release)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def kind(name: str) -> "Any":
    """The kind of result of that name, a class of one of the modules here.

    :raises AttributeError: there is none.
    """
    with importing:
        from . import _results
        if hasattr(_results, name):
            return getattr(_results, name)
        from . import _trace
        if hasattr(_trace, name):
            return getattr(_trace, name)
        from . import _verdicts
    return getattr(_verdicts, name)
