"""libsynprobe.so by ctypes: its functions, structures and error codes, as synprobe.h has them."""
from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint8, c_uint16, c_uint32, c_void_p

from ._errors import ProbeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

ABI_VERSION = 1
INVALID, PERMISSION, SYSTEM, AGAIN, SPACE, TICKET = -1, -2, -3, -4, -5, -6
MODES = {"auto": 0, "syn": 1, "connect": 2}


class Options(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("mode", c_int32), ("interface", c_char_p), ("source", c_char_p), ("mark", c_uint32),
                ("source_port", c_uint16), ("ttl", c_uint8), ("dscp", c_uint8), ("why", c_uint32)]


class Ping(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("count", c_uint32), ("target", c_char_p), ("input", c_char_p), ("interval", c_int64),
                ("timeout", c_int64), ("direction", c_uint32), ("explain", c_uint32), ("sibling", c_uint32)]


class Claim(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("value", c_char_p)]


class Verify(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("claim_count", c_uint32), ("target", c_char_p), ("input", c_char_p),
                ("claims", POINTER(Claim)), ("netem", c_char_p), ("path", c_char_p), ("control", c_char_p),
                ("baseline", c_char_p), ("confidence", c_double), ("max_time", c_int64), ("interval", c_int64),
                ("timeout", c_int64), ("max_probes", c_uint32), ("sibling", c_uint32)]


class Identify(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("max_probes", c_uint32), ("target", c_char_p), ("input", c_char_p), ("baseline", c_char_p),
                ("max_time", c_int64), ("interval", c_int64), ("timeout", c_int64)]


class Trace(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("queries", c_uint32), ("target", c_char_p), ("input", c_char_p), ("timeout", c_int64),
                ("max_hops", c_uint32), ("paths", c_uint32)]


_SIGNATURES: "dict[str, tuple[Any, list[Any]]]" = {
    "synprobe_abi_version": (c_uint32, []),
    "synprobe_strerror": (c_char_p, [c_int32]),
    "synprobe_create": (c_int32, [POINTER(Options), POINTER(c_void_p), c_char_p, c_size_t]),
    "synprobe_destroy": (None, [c_void_p]),
    "synprobe_mode": (c_int32, [c_void_p]),
    "synprobe_submit_ping": (c_int64, [c_void_p, POINTER(Ping), c_char_p, c_size_t]),
    "synprobe_submit_verify": (c_int64, [c_void_p, POINTER(Verify), c_char_p, c_size_t]),
    "synprobe_submit_identify": (c_int64, [c_void_p, POINTER(Identify), c_char_p, c_size_t]),
    "synprobe_submit_trace": (c_int64, [c_void_p, POINTER(Trace), c_char_p, c_size_t]),
    "synprobe_poll": (c_int32, [c_void_p, c_int64, c_int64, c_char_p, c_size_t, POINTER(c_size_t)]),
    "synprobe_forget": (c_int32, [c_void_p, c_int64]),
}


def load(path: Optional[str] = None) -> ctypes.CDLL:
    """Loads the library: that of ``SYNPROBE_LIBRARY``, the one beside this module, or the system's."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libsynprobe.so")
    name = path or os.environ.get("SYNPROBE_LIBRARY") or (beside if os.path.exists(beside) else "libsynprobe.so.0")
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise ProbeError(f"cannot load {name}: {error} (it needs libpcap: apt-get install libpcap0.8)") from None
    found = library.synprobe_abi_version()
    if found != ABI_VERSION:
        raise ProbeError(f"{name} has version {found} of the interface, and {ABI_VERSION} is needed")
    for function, (result, arguments) in _SIGNATURES.items():
        if not hasattr(library, function):
            raise ProbeError(f"{name} is older than this module: it has no {function}")
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    return library


def failure(library: ctypes.CDLL, code: int, message: bytes) -> Exception:
    """The exception that an error code is."""
    text = message.decode(errors="replace") or library.synprobe_strerror(code).decode()
    if code == INVALID:
        return ValueError(text)
    if code == PERMISSION:
        return PermissionError(text)
    return ProbeError(text)


__all__ = ["AGAIN", "MODES", "SPACE", "Claim", "Identify", "Options", "Ping", "Trace", "Verify", "byref", "c_size_t", "c_void_p", "failure", "load"]
