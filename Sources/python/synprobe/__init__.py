"""TCP handshake latency by raw SYN segments, in this process.

``ping`` measures a target, ``verify`` judges claims about one, ``identify`` names the fault; they block, with the GIL released,
and may be called from any number of threads. The first call starts one thread, in which every signal is blocked; no signal
handler is installed.
After a fork the child gets an engine of its own.

Durations are seconds (numbers) or texts with a unit (``"20ms"``); what a result holds is in milliseconds, as its names say.
What was not measured is ``None``.
"""
from ._errors import ProbeError, ResolutionError
from ._prober import Prober, identify, ping, verify
from ._results import (
    ICMP, Anomalies, ClockReading, Clocks, Direction, Drop, DroppedBy, Listener, Loss, Outcomes, PingResult, Probe, Segment,
    Segments, Share, Summary, Target, Timestamps)
from ._verdicts import Added, Amount, ClaimResult, IdentifyResult, NetemLine, NetemParameter, Rate, Rates, VerifyResult

__all__ = [
    "ICMP", "Added", "Amount", "Anomalies", "ClaimResult", "ClockReading", "Clocks", "Direction", "Drop", "DroppedBy",
    "IdentifyResult", "Listener", "Loss", "NetemLine", "NetemParameter", "Outcomes", "PingResult", "Probe", "ProbeError",
    "Prober", "Rate", "Rates", "ResolutionError", "Segment", "Segments", "Share", "Summary", "Target", "Timestamps",
    "VerifyResult", "identify", "ping", "verify"]
__version__ = "0.1.0"
