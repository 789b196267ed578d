"""Results with the members of the JSON as attributes; what is absent there is ``None`` here."""
import json as _json
from dataclasses import dataclass, field, fields
from typing import Any, Dict, List, Optional, Tuple, Type, TypeVar

Record = TypeVar("Record", bound="_Record")


class _Record:
    """A JSON object. Members that a newer library adds are left out."""

    _nested: "Dict[str, Type[_Record]]" = {}
    _lists: "Dict[str, Type[_Record]]" = {}
    _renamed: Dict[str, str] = {}

    @classmethod
    def from_json(cls: Type[Record], text: str) -> Record:
        """A result from its JSON, which it keeps."""
        return cls.read({**_json.loads(text), "json": text})

    @classmethod
    def read(cls: Type[Record], members: Dict[str, Any]) -> Record:
        values: Dict[str, Any] = {}
        for one in fields(cls):  # type: ignore[arg-type]
            value = members.get(cls._renamed.get(one.name, one.name))
            if value is None:
                continue
            if one.name in cls._nested:
                value = cls._nested[one.name].read(value)
            elif one.name in cls._lists:
                value = [cls._lists[one.name].read(element) for element in value]
            values[one.name] = tuple(value) if isinstance(value, list) and one.name not in cls._lists else value
        return cls(**values)


@dataclass(frozen=True)
class Target(_Record):
    """Who was probed."""

    input: str  #: As it was asked for.
    address: str
    port: int


@dataclass(frozen=True)
class Outcomes(_Record):
    """Probes by outcome; their sum is ``attempted``."""

    open: int = 0
    closed: int = 0
    filtered: int = 0
    lost: int = 0
    blocked: int = 0
    unexpected: int = 0
    cancelled: int = 0


@dataclass(frozen=True)
class ClockReading(_Record):
    """What the target's clock told in one answer; times since the start of this host."""

    port: int
    sent_ms: float
    received_ms: float
    peer_ticks: int


@dataclass(frozen=True)
class Clocks(_Record):
    """What the target's clock told, for a comparison later on."""

    boot: str
    answers: List[ClockReading] = field(default_factory=list)
    _lists = {"answers": ClockReading}


@dataclass(frozen=True)
class Listener(_Record):
    """Whether the target's listener answers, or its host at another port."""

    state: str  #: ``answers``, ``silent`` or ``unknown``.
    reason: str
    sibling: Optional[int] = None  #: The port that answered.


@dataclass(frozen=True)
class DroppedBy(_Record):
    """A counter of this host that has grown while the probes were under way."""

    place: str  #: ``egress``, ``network`` (of this host's own listener) or ``ingress``.
    what: str  #: As tc(8) and nstat(8) write it.
    count: int
    evidence: str  #: ``traced`` by the kernel, ``counts agree``, or ``counts differ``, which proves nothing.


@dataclass(frozen=True)
class Drop(_Record):
    """Why this host's kernel dropped a SYN, or an answer to it."""

    reason: str  #: As ``NETFILTER_DROP``.
    function: Optional[str] = None  #: The kernel's function; ``None`` where it may not be known.


@dataclass(frozen=True)
class Share(_Record):
    """A share, 0 to 1, and the interval in which the true one lies."""

    ratio: float
    interval: Tuple[float, float]


@dataclass(frozen=True)
class Direction(_Record):
    """Which way probes are lost: the shares to the target and back."""

    forward: Optional[Share] = None
    back: Optional[Share] = None
    undecided_because: Optional[str] = None  #: ``None`` where the way of every loss is known.
    _nested = {"forward": Share, "back": Share}


@dataclass(frozen=True)
class Loss(_Record):
    """Lost probes by place, and their share of those that were waited for, 0 to 1."""

    ratio: Optional[float] = None
    of: Optional[int] = None  #: The probes that ``ratio`` counts: all before the first that was cut short.
    egress: int = 0
    network: int = 0
    ingress: int = 0
    unknown: int = 0
    forward: Optional[int] = None  #: Of those in the network: on the way to the target; only where the direction was asked for.
    back: Optional[int] = None
    undecided: Optional[int] = None
    direction: Optional[Direction] = None
    _nested = {"direction": Direction}


@dataclass(frozen=True)
class Summary(_Record):
    """A distribution of round trips, milliseconds."""

    min: float
    mean: float
    p50: float
    p90: float
    p99: float
    max: float
    stddev: Optional[float] = None


@dataclass(frozen=True)
class Segment(_Record):
    """Median and largest time in a segment, milliseconds."""

    p50: float
    max: float


@dataclass(frozen=True)
class Segments(_Record):
    """Where the time went: this host's egress, the network, this host's ingress."""

    egress: Optional[Segment] = None
    network: Optional[Segment] = None
    ingress: Optional[Segment] = None
    _nested = {"egress": Segment, "network": Segment, "ingress": Segment}


@dataclass(frozen=True)
class Anomalies(_Record):
    """What was counted beside the outcomes."""

    duplicates: int = 0
    retransmissions: int = 0
    late: int = 0
    reordered: int = 0
    corrupt: int = 0
    unmatched: int = 0
    capture_drops: int = 0
    clock_steps: int = 0
    leftovers: int = 0  #: Ports at which the target held a connection of an earlier probe.
    stalls: int = 0


@dataclass(frozen=True)
class Timestamps(_Record):
    """Where each stamp came from; ``None`` where it was never there."""

    queued: Optional[str] = None
    sent: Optional[str] = None
    received: Optional[str] = None
    delivered: Optional[str] = None
    rtt: Optional[str] = None


@dataclass(frozen=True)
class ICMP(_Record):
    """The ICMP error that answered a probe."""

    type: int
    code: int
    sender: str
    _renamed = {"sender": "from"}


@dataclass(frozen=True)
class Probe(_Record):
    """One probe; times in milliseconds."""

    seq: int
    outcome: str
    at: Optional[str] = None  #: When it was handed to the kernel: RFC 3339, UTC.
    where: Optional[str] = None  #: Of a lost probe.
    rtt_ms: Optional[float] = None
    egress_ms: Optional[float] = None
    held_ms: Optional[float] = None  #: Of that: waiting for the next hop's link address, or in a packet queue of this host.
    held_by: Optional[str] = None  #: ``neighbour`` or ``packet queue``.
    network_ms: Optional[float] = None
    ingress_ms: Optional[float] = None
    ttl: Optional[int] = None
    window: Optional[int] = None
    mss: Optional[int] = None
    source_port: Optional[int] = None
    late_ms: Optional[float] = None  #: Of a lost probe whose answer came after the timeout.
    icmp: Optional[ICMP] = None  #: What ended the probe, or an error that ended nothing, as "fragmentation needed".
    stranger: Optional[str] = None  #: Who answered in the target's stead, as connect() would refuse it.
    errno: Optional[str] = None  #: Of a blocked probe, as ``EPERM``.
    flags: Optional[str] = None
    drop: Optional[Drop] = None  #: Where the kernel was asked (``Prober(why=True)``).
    reason: Optional[str] = None
    _nested = {"drop": Drop, "icmp": ICMP}


@dataclass(frozen=True)
class PingResult(_Record):
    """What was measured of one target (``synprobe.ping/1``)."""

    target: Target
    mode: str  #: ``syn`` or ``connect``.
    started_at: str
    duration_ms: float
    attempted: int
    outcomes: Outcomes
    loss: Loss
    anomalies: Anomalies
    timestamps: Timestamps
    interface: Optional[str] = None
    source: Optional[str] = None
    paths: Optional[List[Dict[str, str]]] = None  #: Every way, as ``interface`` and ``source``, where there were several.
    requested: Optional[int] = None  #: Probes that were asked for, where fewer could be sent.
    listener: Optional[Listener] = None  #: ``None`` where the port never fell silent, or no other port was asked.
    dropped_by: List[DroppedBy] = field(default_factory=list)
    rtt_ms: Optional[Summary] = None  #: ``None`` without an answer.
    segments_ms: Optional[Segments] = None
    clocks: Optional[Clocks] = None
    probes: List[Probe] = field(default_factory=list)
    json: str = field(default="", repr=False, compare=False)  #: The text that this was read from.
    _nested = {"target": Target, "outcomes": Outcomes, "loss": Loss, "anomalies": Anomalies, "timestamps": Timestamps,
               "listener": Listener, "clocks": Clocks, "rtt_ms": Summary, "segments_ms": Segments}
    _lists = {"dropped_by": DroppedBy, "probes": Probe}
