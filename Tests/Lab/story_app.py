"""The story's WSGI application, in its ways: hping3 as a child, synprobe as a child (by a link under hping3's name, too), and
synprobe in the process."""
import os
import subprocess
import urllib.parse

import synprobe

COUNT, INTERVAL = 3, 10
if os.environ.get("STORY_WARM"):  # Used in the master already, before it forks its workers.
    synprobe.ping("192.0.2.2", 8080, count=1)


def hping3(ip, port, program="hping3"):
    done = subprocess.run([program, "-n", "-S", "-p", port, "-c", str(COUNT), "-i", f"u{INTERVAL}000", ip], capture_output=True)
    return done.stdout.count(b"flags=SA")


def linked(ip, port):
    return hping3(ip, port, os.environ["LINKED"])


def command(ip, port):
    done = subprocess.run([os.environ["SYNPROBE"], f"{ip}:{port}", "-c", str(COUNT), "-i", f"{INTERVAL}ms", "-o", "value",
                           "--field", "outcomes.open"], capture_output=True)
    return int(done.stdout)


def library(ip, port):
    return synprobe.ping(ip, int(port), count=COUNT, interval=INTERVAL / 1000).outcomes.open


def application(environ, start_response):
    query = urllib.parse.parse_qs(environ["QUERY_STRING"])
    way = {"/hping3": hping3, "/linked": linked, "/command": command, "/library": library}[environ["PATH_INFO"]]
    body = str(way(query["ip"][0], query["port"][0])).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
