"""The page, in a real browser: what a person types and sees."""
import json
import os

import lab
import pytest
from browser import SIZES, browser
from test_stream import held

TARGET = "192.0.2.2:8080"




def looks_right(page, name):
    for size in SIZES:
        for scheme in "light", "dark":
            page.show_as(size, scheme)
            page.wait(lambda width=SIZES[size][0]: page.evaluate("return innerWidth") == width)
            if folder := os.environ.get("SCREENSHOTS"):
                page.shot(f"{folder}/{name}-{size}-{scheme}.png")
            assert page.evaluate("return document.scrollingElement.scrollWidth <= innerWidth"), (name, size, "is too wide")
            assert page.violations() == [], (name, size, scheme)
    page.show_as("desk", "light")


def test_a_target_is_typed_and_faults_appear_at_their_place(serve, pair, peer):
    serve()
    with browser(pair.client) as page:
        page.open()
        page.probe(TARGET, "20ms")
        page.wait(lambda: len(page.all("#chart .probe")) >= 20)
        assert page.text("#state") == f"probing {TARGET}"
        assert all(page.all(f"#chart rect.{segment}") for segment in ("egress", "network", "ingress"))
        page.wait(lambda: "round trips" in page.text("#histogram-words"))
        page.wait(lambda: int(page.text("#numbers dd")) > 350, seconds=20)  # Now it knows what is usual.
        looks_right(page, "quiet")

        page.type("#claim-value", "..20ms")
        page.click("#claim button[type=submit]")
        page.wait(lambda: page.text("#verdict-word") == "confirmed")
        assert page.all("#interval-chart .band") and page.all("#interval-chart .span")
        page.click("#watch")
        page.wait(lambda: TARGET in page.text("#monitors code"))
        page.click("#unclaim")
        page.wait(lambda: int(page.text("#numbers dd")) > 350)
        page.wait(lambda: page.text("#state") == f"probing {TARGET}")
        lab.time.sleep(8)

        queue = held(pair, "0.1")
        page.wait(lambda: "onset" in page.text("#changes"))
        assert "+1" in page.text("#changes .onset") and "ms in the network" in page.text("#changes .onset")
        page.wait(lambda: "onset" in page.text("#monitors .changes"))
        looks_right(page, "delay")
        queue.kill()
        page.wait(lambda: "recovery" in page.text("#changes"))

        peer.nft("input tcp dport 8080 drop")
        page.wait(lambda: page.all("#chart text.lost"))
        assert page.text("#chart text.lost") == "N"
        page.wait(lambda: "of the probes lost in the network" in page.text("#changes"), seconds=25)
        assert "lost: network" in page.text("#numbers")
        looks_right(page, "loss")

        page.click("#monitors button[aria-label^=Delete]")
        page.wait(lambda: "There is none" in page.text("#monitors"))
        page.click("#stop")
        assert page.text("#state") == "stopped" and page.console == []


def test_what_is_typed_and_what_is_answered_stays_text(serve, pair):
    serve()
    with browser(pair.client) as page:
        page.open("http://127.0.0.1:9115/?target=%3Cb%3Ex%3C%2Fb%3E")
        assert page.find("#target").get_property("value") == "<b>x</b>"
        page.probe("<img src=x onerror=document.title='no'>:80")
        page.wait(lambda: "onerror" in page.text("#problem"))
        assert page.evaluate("return document.title") == "synprobe" and not page.all("main img, main b, main script")
        looks_right(page, "refused")
        page.probe("0.0.0.0:80")
        page.wait(lambda: "Target denied" in page.text("#problem"))


def test_it_asks_for_a_token_and_keeps_it_to_itself(serve, pair, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("correct-horse-battery-staple\n")
    serve("--token-file", str(tokens))
    with browser(pair.client) as page:
        page.open()
        page.wait(lambda: page.evaluate("return document.querySelector('#token-dialog').open"))
        looks_right(page, "token")
        page.type("#token", "correct-horse-battery-staple")
        page.click("#token-form button[type=submit]")
        page.wait(lambda: "There is none" in page.text("#monitors"))
        page.probe(TARGET)
        page.wait(lambda: len(page.all("#chart .probe")) >= 5)
        kept = page.evaluate("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
        assert json.loads(kept) == [{}, {}, "", "http://127.0.0.1:9115/"]


def test_a_lost_connection_is_said_and_mended(serve, pair):
    service = serve()
    with browser(pair.client) as page:
        page.open()
        page.probe(TARGET)
        page.wait(lambda: len(page.all("#chart .probe")) >= 5)
        service.stop()
        page.wait(lambda: "trying again" in page.text("#state"))
        serve()
        page.wait(lambda: page.text("#state") == f"probing {TARGET}")
        count = int(page.text("#numbers dd"))
        page.wait(lambda: int(page.text("#numbers dd")) > count + 5)


def test_without_privilege_it_says_what_is_measured(serve, pair):
    serve(wrapper=("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"))
    with browser(pair.client) as page:
        page.open()
        page.probe(TARGET)
        page.wait(lambda: "connect()" in page.text("#note"))
        page.wait(lambda: page.all("#chart rect.whole") and not page.all("#chart rect.network"))


def test_it_is_used_by_keys_alone(serve, pair):
    serve()
    with browser(pair.client) as page:
        page.open()
        keys = page.find("body")
        for text in "\ue004", TARGET, "\ue007":  # Tab, the target, Return.
            page.driver.switch_to.active_element.send_keys(text)
        assert keys
        page.wait(lambda: len(page.all("#chart .probe")) >= 5)


def test_the_page_takes_nothing_from_outside_and_may_be_framed_by_nobody(serve):
    service = serve()
    for path in "/", "/page/app.js", "/page/page.css", "/page/api.js", "/page/charts.js", "/page/format.js", "/page/monitors.js":
        answer = service.get(path)
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", ""), path
        assert "innerHTML" not in answer.text
