"""Exceptions by kind. Wrong arguments are ``ValueError``, a missing CAP_NET_RAW is ``PermissionError``."""


class ProbeError(OSError):
    """The operating system refused a socket, a thread, or the capture."""


class ResolutionError(ProbeError):
    """A name has no address."""
