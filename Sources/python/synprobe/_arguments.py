"""What callers give, as the library takes it."""
from __future__ import annotations

import math

from ._errors import ResolutionError
from ._kinds import importing

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
        with importing:
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
    if not isinstance(host, str):
        raise ValueError(f"host {host!r} is not a text")
    address = host if _is_ipv4(host) else _resolve(host, port)
    shown = f"[{host}]" if ":" in host else host
    return (f"[{address}]:{port}" if ":" in address else f"{address}:{port}").encode(), f"{shown}:{port}".encode()


_OCTETS = frozenset(map(str, range(256)))


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(part in _OCTETS for part in parts)


def _resolve(host: str, port: int) -> str:
    with importing:
        import encodings.idna  # noqa: F401 (getaddrinfo imports it otherwise, and no fork waits for that)
        import socket
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except UnicodeError:
        raise ResolutionError(f"cannot resolve {host!r}: it is no name of a host") from None
    except OSError as error:
        raise ResolutionError(f"cannot resolve {host!r}: {error.strerror}") from None
