"""What callers give, as the library takes it."""
from __future__ import annotations

import math
import socket

from ._errors import ResolutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple, Union

    from ._results import PingResult
    from ._verdicts import VerifyResult

    Duration = Union[int, float, str]
_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000}


def text(baseline: Union[PingResult, VerifyResult, str, None]) -> Optional[str]:
    return baseline if baseline is None or isinstance(baseline, str) else baseline.json


def octets(text: Optional[str]) -> Optional[bytes]:
    return None if text is None else text.encode()


def port_number(port: int, name: str) -> int:
    if not 0 <= port <= 65_535:
        raise ValueError(f"{name} {port} is out of range: 1 to 65535")
    return port


def nanoseconds(duration: Duration, name: str) -> int:
    if isinstance(duration, str):
        import re
        match = re.fullmatch(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m)", duration)
        if not match:
            raise ValueError(f"{name} {duration!r} is not a duration: write seconds, or a number and a unit, as '200ms'")
        value = float(match[1]) * _UNITS[match[2]]
    else:
        value = duration * 1e9
    if not math.isfinite(value) or not 1 <= value <= 86_400e9:
        raise ValueError(f"{name} {duration!r} is out of range: above 0, up to a day")
    return round(value)


def target_texts(host: str, port: int) -> Tuple[bytes, bytes]:
    """The target's address and port as the library takes it, and as the user called it."""
    if not isinstance(port, int) or not 1 <= port <= 65535:
        raise ValueError(f"port {port!r} is not a number from 1 to 65535")
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    except OSError as error:
        raise ResolutionError(f"cannot resolve {host!r}: {error.strerror}") from None
    shown = f"[{host}]" if ":" in host else host
    return (f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}").encode(), f"{shown}:{port}".encode()
