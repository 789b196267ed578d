"""The verdicts of a verification, as ``_results`` has what was measured."""
from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from ._results import PingResult, Target, _Record


@dataclass(frozen=True)
class ClaimResult(_Record):
    """One claim and what became of it."""

    claim: str
    expected: str
    verdict: str  #: ``confirmed``, ``mismatch`` or ``inconclusive``.
    confidence: float
    samples: int
    reason: str
    estimate_ms: Optional[float] = None
    estimate_ratio: Optional[float] = None
    estimate: Optional[str] = None  #: Of the claim ``where``.
    estimate_bps: Optional[float] = None  #: A width, bits a second.
    interval_bps: Optional[Tuple[float, float]] = None
    interval_ms: Optional[Tuple[float, float]] = None
    interval_ratio: Optional[Tuple[float, float]] = None
    more_probes: Optional[int] = None


@dataclass(frozen=True)
class Amount(_Record):
    """A time in milliseconds, and the interval in which the true one lies."""

    estimate: float
    interval: Optional[Tuple[float, float]] = None


@dataclass(frozen=True)
class Added(_Record):
    """What the delay grew by since the baseline, milliseconds: in all, on the way to the target, and back."""

    total: Optional[Amount] = None
    forward: Optional[Amount] = None
    back: Optional[Amount] = None
    absent_because: Optional[str] = None  #: Why the two ways are not told apart.
    _nested = {"total": Amount, "forward": Amount, "back": Amount}


@dataclass(frozen=True)
class Rate(_Record):
    """A width, bits a second: the best single value, and between what the true one lies."""

    estimate: Optional[float] = None  #: ``None`` where nothing narrow was seen.
    least: Optional[float] = None
    most: Optional[float] = None


@dataclass(frozen=True)
class Rates(_Record):
    """How wide each part of the path is, by trains of SYNs, bits a second."""

    trains: int
    probes: int  #: SYNs of the trains: they are none of the measurement's probes.
    egress: Optional[Rate] = None
    forward: Optional[Rate] = None
    back: Optional[Rate] = None
    ingress: Optional[Rate] = None
    absent_because: Optional[str] = None  #: Why nothing is known of any part.
    _nested = {"egress": Rate, "forward": Rate, "back": Rate, "ingress": Rate}


@dataclass(frozen=True)
class VerifyResult(_Record):
    """The verdict on claims about one target (``synprobe.verify/1``)."""

    verdict: str  #: The worst of the claims: ``confirmed``, ``mismatch`` or ``inconclusive``.
    reason: str  #: The verdict in one sentence.
    target: Target
    claims: List[ClaimResult]
    measurement: PingResult
    judged: Optional[int] = None  #: How many probes the verdict speaks of, the first ones, where there are more.
    added_ms: Optional[Added] = None  #: ``None`` without a baseline.
    rate_bps: Optional[Rates] = None  #: ``None`` where no claim asks.
    baseline: Optional[PingResult] = None
    json: str = field(default="", repr=False, compare=False)
    _nested = {"target": Target, "added_ms": Added, "rate_bps": Rates, "measurement": PingResult, "baseline": PingResult}
    _lists = {"claims": ClaimResult}

    @property
    def confirmed(self) -> bool:
        """Whether all that was claimed is so."""
        return self.verdict == "confirmed"


@dataclass(frozen=True)
class NetemParameter(_Record):
    """A number that netem was told: the best single value, and between what the true one lies."""

    name: str  #: As ``delay``, ``jitter``, ``loss``, ``loss_p``, ``duplicate`` or ``rate``.
    estimate_ms: Optional[float] = None
    interval_ms: Optional[Tuple[float, float]] = None
    estimate_ratio: Optional[float] = None
    interval_ratio: Optional[Tuple[float, float]] = None
    estimate_bps: Optional[float] = None  #: Bits a second.
    interval_bps: Optional[Tuple[float, float]] = None


@dataclass(frozen=True)
class NetemLine(_Record):
    """A line of tc's netem that explains what is seen."""

    line: str  #: The words for tc, as ``delay 50ms 10ms distribution normal``.
    misfit: float  #: How far the distribution of its delays is from what was added, 0 to 1.
    side: Optional[str] = None  #: ``egress``, ``forward``, ``back``, ``network`` (either way) or ``ingress``.
    parameters: List[NetemParameter] = field(default_factory=list)
    _lists = {"parameters": NetemParameter}


@dataclass(frozen=True)
class IdentifyResult(_Record):
    """The lines of netem that explain what differs from a baseline (``synprobe.identify/1``)."""

    verdict: str  #: ``explained``, ``unexplained`` (no line does), or ``inconclusive`` (too few probes tell).
    reason: str  #: In one sentence.
    target: Target
    measurement: PingResult
    baseline: PingResult
    lines: List[NetemLine] = field(default_factory=list)  #: The nearest first.
    json: str = field(default="", repr=False, compare=False)  #: The text that this was read from.
    _nested = {"target": Target, "measurement": PingResult, "baseline": PingResult}
    _lists = {"lines": NetemLine}

    @property
    def explained(self) -> bool:
        """Whether a line explains what is seen."""
        return self.verdict == "explained"
