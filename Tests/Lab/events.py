"""Server-Sent Events, read as the standard says (WHATWG HTML, 9.2.6)."""
import json
import time


class Stream:
    """A stream of a service, from its answer's head on."""

    def __init__(self, service, path, headers=None, space=None):
        self.client = service.connect(space)
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self.client.sendall("\r\n".join([*lines, "", ""]).encode())
        self.data, self.comments, self.retry, self.last_id, self.at_end = b"", [], None, None, False
        while b"\r\n\r\n" not in self.data:
            self.data += self.client.recv(65536)
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])
        self.headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        self.text = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.close()

    def fill(self, deadline):
        """Reads on; false when there is no more time, or nothing behind what came."""
        self.client.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            chunk = self.client.recv(65536)
        except TimeoutError:
            return False
        self.data += chunk
        while b"\r\n" in self.data:
            size, rest = self.data.split(b"\r\n", 1)
            length = int(size, 16)
            if len(rest) < length + 2:
                break
            self.text += rest[:length]
            self.data = rest[length + 2:]
            self.at_end = length == 0
        return bool(chunk)

    def events(self, seconds, until=None):
        """What comes within a time, or until something is true of an event: (kind, id, object)."""
        deadline, found = time.monotonic() + seconds, []
        while True:
            while b"\n\n" in self.text:
                block, self.text = self.text.split(b"\n\n", 1)
                event = self.read(block.decode())
                if event:
                    found.append(event)
                    if until and until(*event):
                        return found
            if self.at_end or time.monotonic() >= deadline or not (self.fill(deadline) or self.at_end):
                return found

    def read(self, block):
        kind, data = "message", None
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not name:
                self.comments.append(value)
            elif name == "id":
                self.last_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                data = value
            elif name == "retry":
                self.retry = int(value)
        if data is None:
            return None
        return kind, self.last_id, json.loads(data)
