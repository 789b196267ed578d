"""TCP handshake latency by raw SYN segments, in this process.

``ping`` measures a target, ``verify`` judges claims about one, ``identify`` names the fault, ``trace`` finds the way;
they block, with the GIL released, and may be called from any number of threads. The first call starts one thread, in which every signal is blocked; no signal
handler is installed.
After a fork the child gets an engine of its own.

Durations are seconds (numbers) or texts with a unit (``"20ms"``); what a result holds is in milliseconds, as its names say.
What was not measured is ``None``.
"""
from ._errors import ProbeError, ResolutionError
from ._kinds import kind
from ._prober import Prober, identify, ping, trace, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._results import (
        ICMP, Anomalies, ClockReading, Clocks, Direction, Drop, DroppedBy, Listener, Loss, Outcomes, PingResult, Probe, Segment,
        Segments, Share, Summary, Target, Timestamps)
    from ._trace import MPLSLabel, TraceAddress, TraceHop, TracePath, TraceResult, TraceTimes
    from ._verdicts import Added, Amount, ClaimResult, IdentifyResult, NetemLine, NetemParameter, Rate, Rates, VerifyResult

__all__ = [
    "Added", "Amount", "Anomalies", "ClaimResult", "ClockReading", "Clocks", "Direction", "Drop", "DroppedBy", "ICMP",
    "IdentifyResult", "Listener", "Loss", "MPLSLabel", "NetemLine", "NetemParameter", "Outcomes", "PingResult", "Probe",
    "ProbeError", "Prober", "Rate", "Rates", "ResolutionError", "Segment", "Segments", "Share", "Summary", "Target",
    "Timestamps", "TraceAddress", "TraceHop", "TracePath", "TraceResult", "TraceTimes", "VerifyResult", "identify", "ping",
    "trace", "verify"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in __all__:
        return kind(name)
    raise AttributeError(f"module 'synprobe' has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
