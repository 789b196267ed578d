"""The result of a trace, with the members of its JSON as attributes; what is absent there is ``None`` here."""
from dataclasses import dataclass, field
from typing import List, Optional

from ._results import Target, _Record


@dataclass(frozen=True)
class TraceTimes(_Record):
    """From SYNs at the device to their answers there, milliseconds."""

    min: float
    p50: float
    p99: float
    max: float


@dataclass(frozen=True)
class MPLSLabel(_Record):
    """An entry of the label stack with which a SYN came to a router."""

    label: int
    traffic_class: int
    ttl: int


@dataclass(frozen=True)
class TraceAddress(_Record):
    """One that answered for a hop limit."""

    address: str
    attempted: int
    answered: int
    role: str  #: ``router``, ``open``, ``closed`` or ``refused``.
    name: Optional[str] = None  #: Only where the command or the service was asked for names.
    rtt_ms: Optional[TraceTimes] = None
    added_ms: Optional[float] = None  #: The median less that of the nearest hop before that answered; it may be negative.
    error: Optional[str] = None  #: Of one that refused the SYN.
    mpls: List[MPLSLabel] = field(default_factory=list)
    _nested = {"rtt_ms": TraceTimes}
    _lists = {"mpls": MPLSLabel}


@dataclass(frozen=True)
class TraceHop(_Record):
    """Who answered for one hop limit; nobody for a silent hop."""

    ttl: int
    attempted: int
    answered: int
    rate_limited: bool  #: Whether hops behind it answered more often.
    cancelled: Optional[int] = None  #: SYNs that were still waited for when the trace was ended.
    addresses: List[TraceAddress] = field(default_factory=list)
    _lists = {"addresses": TraceAddress}


@dataclass(frozen=True)
class TracePath(_Record):
    """The way of one source port."""

    source_port: int
    reached: bool  #: Whether the target answered.
    hops: List[TraceHop] = field(default_factory=list)  #: From the first to the target, or to the last that was asked.
    _lists = {"hops": TraceHop}


@dataclass(frozen=True)
class TraceResult(_Record):
    """Which way SYNs go to a target, and what each hop adds (``synprobe.trace/1``)."""

    target: Target
    reached: bool  #: Whether the target answered, on any path.
    started_at: str
    duration_ms: float
    interface: Optional[str] = None
    source: Optional[str] = None
    paths: List[TracePath] = field(default_factory=list)
    own_faults: List[str] = field(default_factory=list)  #: What this host itself refused to send, or dropped of what came back.
    json: str = field(default="", repr=False, compare=False)  #: The text that this was read from.
    _nested = {"target": Target}
    _lists = {"paths": TracePath}
