"""How wide a path is: shapers at a router between client and target, there and back, and what `verify --rate` says."""
from lab import Namespace, wait_until


class Routed:
    """A client and a target with a router between them: what leaves `rb` is on the way there, what leaves `ra` on the way back."""

    TARGET = "198.51.100.2:8080"

    def __init__(self):
        self.client, self.router, self.peer = Namespace("c"), Namespace("r"), Namespace("p")
        self.client.ip(f"link add c0 type veth peer name ra netns {self.router.name}")
        self.router.ip(f"link add rb type veth peer name p0 netns {self.peer.name}")
        for space, device, address in [
            (self.client, "c0", "192.0.2.1/24"), (self.router, "ra", "192.0.2.254/24"),
            (self.router, "rb", "198.51.100.254/24"), (self.peer, "p0", "198.51.100.2/24"),
        ]:
            space.ip(f"addr add {address} dev {device}")
            space.ip(f"link set {device} up")
        self.client.ip("route add 198.51.100.0/24 via 192.0.2.254")
        self.peer.ip("route add 192.0.2.0/24 via 198.51.100.254")
        self.router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.peer.listen("198.51.100.2/8080")
        # Each asks for its neighbour once, ahead of the first train.
        wait_until(lambda: self.client.synprobe("ping", self.TARGET, "-c", "1", "-W", "500ms").returncode == 0)

    def side(self, way):
        return {"forward": (self.router, "rb"), "back": (self.router, "ra"), "egress": (self.client, "c0")}[way]

    def shape(self, way, discipline):
        """Puts a queueing discipline on one way, in the words of tc; `htb RATE` is a class that all take."""
        space, device = self.side(way)
        if discipline.startswith("htb "):
            space.tc(f"qdisc add dev {device} root handle 1: htb default 1")
            return space.tc(f"class add dev {device} parent 1: classid 1:1 htb rate {discipline.split()[1]}")
        return space.tc(f"qdisc add dev {device} root {discipline}")

    def clear(self):
        for way in "forward", "back", "egress":
            space, device = self.side(way)
            space.run("tc", "qdisc", "del", "dev", device, "root", check=False)

    def close(self):
        for space in self.client, self.router, self.peer:
            space.close()


# Where, what is set, and the true rate; a tbf's bucket is one packet and a bit, but where it is said.
SHAPERS = [
    ("forward", "tbf rate 64kbit burst 1600 limit 1000000", 64e3),
    ("forward", "tbf rate 500kbit burst 1600 limit 1000000", 500e3),
    ("forward", "tbf rate 10mbit burst 1600 limit 1000000", 10e6),
    ("forward", "tbf rate 10mbit burst 32kb limit 1000000", 10e6),
    ("forward", "htb 50mbit", 50e6),
    ("forward", "tbf rate 200mbit burst 3000 limit 1000000", 200e6),
    ("back", "tbf rate 64kbit burst 1600 limit 1000000", 64e3),
    ("back", "tbf rate 500kbit burst 1600 limit 1000000", 500e3),
    ("back", "htb 2mbit", 2e6),
    ("back", "tbf rate 5mbit burst 1600 limit 1000000", 5e6),
    ("egress", "tbf rate 5mbit burst 1600 limit 1000000", 5e6),
    ("egress", "tbf rate 200mbit burst 3000 limit 1000000", 200e6),
]
