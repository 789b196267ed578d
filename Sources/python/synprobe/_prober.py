"""Probers, and the two functions that most users need."""
from __future__ import annotations

import ctypes
import os
from _thread import RLock, allocate_lock

from . import _library as c
from ._arguments import nanoseconds, octets, port_number, target_texts, text
from ._errors import ProbeError
from ._kinds import importing, kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Tuple, Union

    from ._arguments import Duration
    from ._results import PingResult
    from ._trace import TraceResult
    from ._verdicts import IdentifyResult, VerifyResult

#: How long the GIL is given away at once: a Ctrl-C, or another thread's end of the prober, is noticed within it.
_SLICE = 50_000_000


class Prober:
    """Sends probes with settings of its own; ``ping`` and ``verify`` share one that has the defaults.

    Use it as a context manager, or call ``close``. It may be used by any number of threads at once, and after a fork.

    :param mode: ``"syn"`` (needs CAP_NET_RAW), ``"connect"``, or ``"auto"``: the better one that is possible.
    :param interface: device that packets must leave by.
    :param source: source address, one of this host's.
    :param source_port: the one source port to use; it rotates otherwise.
    :param ttl: time to live, 1 to 255. :param dscp: 0 to 63. :param mark: firewall mark.
    :param why: ask this host's kernel why it drops what is lost (``Probe.drop``); where it cannot be asked, that is warned of.
    :raises PermissionError: CAP_NET_RAW is missing for ``mode="syn"``; the message has the remedies.
    :raises ValueError: an argument is wrong.
    :raises ProbeError: the operating system refused.
    """

    def __init__(self, mode: str = "auto", *, interface: Optional[str] = None, source: Optional[str] = None,
                 source_port: int = 0, ttl: int = 0, dscp: int = 0, mark: int = 0, why: bool = False) -> None:
        self._handle = c.c_void_p()
        self._renew()
        if mode not in c.MODES:
            raise ValueError(f"mode {mode!r} is none of {', '.join(c.MODES)}")
        for name, value, most in ("source_port", source_port, 65535), ("ttl", ttl, 255), ("dscp", dscp, 63), ("mark", mark, 2**32 - 1):
            if not 0 <= value <= most:
                raise ValueError(f"{name} {value} is out of range: 0 to {most}")
        self._c = _shared_library()
        options = c.Options(ctypes.sizeof(c.Options), c.MODES[mode], octets(interface), octets(source), mark, source_port, ttl, dscp,
                            int(why))
        message = ctypes.create_string_buffer(1024)
        code = self._c.synprobe_create(c.byref(options), c.byref(self._handle), message, len(message))
        if code:
            raise c.failure(self._c, code, message.value)
        if message.value:
            with importing:
                import warnings
            warnings.warn(message.value.decode(), RuntimeWarning, stacklevel=2)

    @property
    def mode(self) -> str:
        """How it probes: ``syn`` or ``connect``."""
        with self._using() as handle:
            return "syn" if self._c.synprobe_mode(handle) == c.MODES["syn"] else "connect"

    def ping(self, host: str, port: int, *, count: int = 5, interval: Duration = 0.2, timeout: Duration = 2.0,
             direction: bool = False, explain: bool = False, sibling: int = 0) -> PingResult:
        """Probes a target and returns what was measured, whatever came of the probes.

        :param host: an address, or a name that is resolved first.
        :param count: probes. :param interval: between their starts. :param timeout: how long an answer counts.
        :param direction: tell which way probes are lost; listens some 3 s for what the target repeats.
        :param explain: when the port falls silent, ask closed ports of its host, or ``sibling``, whether that is well.
        :raises ResolutionError: the name has no address.
        """
        if not 1 <= count <= 1_000_000:
            raise ValueError(f"count {count} is out of range: 1 to 1000000")
        target, name = target_texts(host, port)
        ping = c.Ping(ctypes.sizeof(c.Ping), count, target, name, nanoseconds(interval, "interval"), nanoseconds(timeout, "timeout"),
                      int(direction), int(explain), port_number(sibling, "sibling"))
        return self._run(self._c.synprobe_submit_ping, ping, "PingResult")

    def verify(self, host: str, port: int, claims: Optional[Mapping[str, Union[str, bool]]] = None, *, netem: Optional[str] = None,
               path: Optional[str] = None, baseline: Union[PingResult, VerifyResult, str, None] = None,
               control: Optional[Tuple[str, int]] = None, confidence: float = 0.95, max_probes: int = 2000,
               max_time: Duration = 60.0, interval: Optional[Duration] = None, timeout: Optional[Duration] = None,
               sibling: int = 0) -> VerifyResult:
        """Probes a target until each claim about it is confirmed or refuted, or a limit is reached.

        :param claims: as ``{"added": "90ms..110ms", "where": "network", "clear": True}``: the words of the command.
        :param netem: what tc's netem was told; ``path`` is then where: ``"egress"``, ``"peer"`` or ``"both"``.
        :param baseline: an earlier result, or its JSON. :param control: host and port of a target without the fault.
        :param confidence: that no verdict is wrong, 0.5 to 0.999999.
        :param sibling: a closed port of the host, to be asked when the target falls silent; some are tried without it.
        """
        if not 0.5 <= confidence <= 0.999999:
            raise ValueError(f"confidence {confidence} is out of range: 0.5 to 0.999999")
        if not 1 <= max_probes <= 100_000:
            raise ValueError(f"max_probes {max_probes} is out of range: 1 to 100000")
        words = {name: value for name, value in (claims or {}).items() if value is not False}
        array = (c.Claim * len(words))(*(
            c.Claim(name.encode(), b"true" if value is True else str(value).encode()) for name, value in words.items()))
        target, name = target_texts(host, port)
        verify = c.Verify(
            ctypes.sizeof(c.Verify), len(words), target, name, array, octets(netem), octets(path),
            target_texts(*control)[0] if control else None, octets(text(baseline)), confidence, nanoseconds(max_time, "max_time"),
            0 if interval is None else nanoseconds(interval, "interval"),
            0 if timeout is None else nanoseconds(timeout, "timeout"), max_probes, port_number(sibling, "sibling"))
        return self._run(self._c.synprobe_submit_verify, verify, "VerifyResult")

    def identify(self, host: str, port: int, baseline: Union[PingResult, VerifyResult, str], *, max_probes: int = 1000,
                 max_time: Duration = 60.0, interval: Duration = 0.01, timeout: Optional[Duration] = None) -> IdentifyResult:
        """Probes a target and names the lines of tc's netem that explain what differs from a baseline, if any do.

        :param baseline: an earlier result without the fault, of 20 answers or more, or its JSON.
        :param max_probes: 20 to 100 000; below 200 it abstains. :param max_time: some 10 s or more.
        """
        if not 20 <= max_probes <= 100_000:
            raise ValueError(f"max_probes {max_probes} is out of range: 20 to 100000")
        target, name = target_texts(host, port)
        identify = c.Identify(
            ctypes.sizeof(c.Identify), max_probes, target, name, octets(text(baseline)), nanoseconds(max_time, "max_time"),
            nanoseconds(interval, "interval"), 0 if timeout is None else nanoseconds(timeout, "timeout"))
        return self._run(self._c.synprobe_submit_identify, identify, "IdentifyResult")

    def trace(self, host: str, port: int, *, queries: int = 3, max_hops: int = 30, paths: int = 1,
              timeout: Duration = 1.0) -> TraceResult:
        """Finds which way SYNs go to a target, and what each hop of it adds, within about one timeout.

        :param queries: SYNs for each hop and path. :param max_hops: the greatest hop limit.
        :param paths: source ports, each of which routers may send another way.
        :raises PermissionError: the prober probes by connect(), whose kernel tells of no router.
        """
        for name, value, most in ("queries", queries, 100), ("max_hops", max_hops, 255), ("paths", paths, 16):
            if not 1 <= value <= most:
                raise ValueError(f"{name} {value} is out of range: 1 to {most}")
        target, name = target_texts(host, port)
        trace = c.Trace(ctypes.sizeof(c.Trace), queries, target, name, nanoseconds(timeout, "timeout"), max_hops, paths)
        return self._run(self._c.synprobe_submit_trace, trace, "TraceResult")

    def close(self) -> None:
        """Ends the prober, and what runs on it in other threads; it cannot be used again. Closing twice is nothing."""
        if self._process != os.getpid():
            self._handle = c.c_void_p()  # Its lock may be one that the parent held; its engine is the parent's.
            return
        with self._lock:
            handle, self._handle = self._handle, c.c_void_p()
            is_used = self._users > 0
        if is_used:
            with self._busy:
                pass
        if handle:
            self._c.synprobe_destroy(handle)

    def __enter__(self) -> "Prober":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<synprobe.Prober {'open' if self._handle else 'closed'}>"

    # The way to the library -------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        #: ``_busy`` is held while there are users, by whichever thread came first.
        self._lock, self._busy, self._users = RLock(), allocate_lock(), 0
        self._process = os.getpid()

    def _using(self) -> "_Use":
        if self._process != os.getpid():
            with _lock:
                if self._process != os.getpid():
                    self._renew()
        return _Use(self)

    def _run(self, submit: Any, structure: Any, name: str) -> Any:
        with self._using() as handle:
            message = ctypes.create_string_buffer(1024)
            ticket = submit(handle, c.byref(structure), message, len(message))
            if ticket < 0:
                raise c.failure(self._c, ticket, message.value)
            try:
                return kind(name).from_json(self._wait(handle, ticket))
            except BaseException:
                self._c.synprobe_forget(handle, ticket)  # Unknown by now, or the probes of someone who left.
                raise

    def _wait(self, handle: c.c_void_p, ticket: int) -> str:
        buffer, length = ctypes.create_string_buffer(16_384), c.c_size_t()
        while True:
            code = self._c.synprobe_poll(handle, ticket, _SLICE, buffer, len(buffer), c.byref(length))
            if code == 0:
                return buffer.raw[:length.value].decode()
            if code == c.SPACE:
                buffer = ctypes.create_string_buffer(length.value + 1)
            elif code != c.AGAIN:
                raise c.failure(self._c, code, buffer.value)
            elif not self._handle:
                raise ProbeError("the prober was closed by another thread")


class _Use:
    """Keeps a prober's handle from being destroyed while it is used."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober

    def __enter__(self) -> c.c_void_p:
        with self._prober._lock:
            if not self._prober._handle:
                raise ProbeError("the prober is closed")
            # In this order an exception between the two, as Ctrl-C raises anywhere, leaves nobody waiting but who closes.
            self._prober._users += 1
            self._prober._busy.acquire(False)
            return self._prober._handle

    def __exit__(self, *_: object) -> None:
        with self._prober._lock:
            self._prober._users -= 1
            if not self._prober._users:
                self._prober._busy.release()


# What all calls share -------------------------------------------------------------------------------------------------

_lock = allocate_lock()
_library: Optional[ctypes.CDLL] = None
_probers: Dict[str, Prober] = {}


def _after_fork() -> None:
    """Another thread may have held the lock; the probers renew themselves."""
    global _lock
    _lock = allocate_lock()


os.register_at_fork(after_in_child=_after_fork)


def _shared_library() -> ctypes.CDLL:
    global _library
    if _library is None:
        _library = c.load()
    return _library


def _shared(mode: str) -> Prober:
    with _lock:
        if mode not in _probers:
            _probers[mode] = Prober(mode)
        return _probers[mode]


def ping(host: str, port: int, *, count: int = 5, interval: Duration = 0.2, timeout: Duration = 2.0, direction: bool = False,
         explain: bool = False, sibling: int = 0, mode: str = "auto") -> PingResult:
    """Probes a target and returns what was measured; see :meth:`Prober.ping`."""
    return _shared(mode).ping(host, port, count=count, interval=interval, timeout=timeout, direction=direction, explain=explain,
                              sibling=sibling)


def verify(host: str, port: int, claims: Optional[Mapping[str, Union[str, bool]]] = None, *, mode: str = "auto", **settings: Any) -> VerifyResult:
    """Judges claims about a target; see :meth:`Prober.verify`."""
    return _shared(mode).verify(host, port, claims, **settings)


def identify(host: str, port: int, baseline: Union[PingResult, VerifyResult, str], *, mode: str = "auto",
             **settings: Any) -> IdentifyResult:
    """Names the lines of tc's netem that explain what differs from a baseline; see :meth:`Prober.identify`."""
    return _shared(mode).identify(host, port, baseline, **settings)


def trace(host: str, port: int, *, mode: str = "auto", **settings: Any) -> TraceResult:
    """Finds which way SYNs go to a target; see :meth:`Prober.trace`."""
    return _shared(mode).trace(host, port, **settings)
