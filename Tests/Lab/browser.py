"""Debian's Chromium, headless, in a network namespace: selenium drives it from this process."""
import base64
import contextlib
import os
import pathlib
import sys

import lab
from service import NEW_NETWORK, _libc

PACKAGES = next((lab.ROOT / ".build-selenium/lib").glob("python3*/site-packages"), None)
SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@contextlib.contextmanager
def inside(space):
    """This thread, and what it starts, lives in another namespace."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    other = os.open(f"/run/netns/{space.name}", os.O_RDONLY)
    try:
        assert _libc.setns(other, NEW_NETWORK) == 0
        yield
    finally:
        assert _libc.setns(own, NEW_NETWORK) == 0
        os.close(own)
        os.close(other)


@contextlib.contextmanager
def browser(space):
    sys.path.insert(0, str(PACKAGES))
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,800":
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with inside(space):
        driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        try:
            yield Page(driver)
        finally:
            driver.quit()
            sys.path.remove(str(PACKAGES))


class Page:
    """What a person does at the page, and sees of it."""

    def __init__(self, driver):
        self.driver = driver
        self.evaluate = driver.execute_script

    def open(self, address="http://127.0.0.1:9115/"):
        self.driver.get(address)

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def text(self, selector):
        return self.evaluate("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def type(self, selector, text):
        self.find(selector).clear()
        self.find(selector).send_keys(text)

    def click(self, selector):
        self.find(selector).click()

    def wait(self, condition, seconds=15):
        lab.wait_until(condition, seconds)

    def probe(self, target, interval="50ms"):
        self.type("#target", target)
        self.evaluate("document.querySelector('#interval').value = arguments[0]", interval)
        self.click("#start")

    def show_as(self, size, scheme):
        width, height = SIZES[size]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"})

    def shot(self, path):
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    @property
    def console(self):
        """Errors, and what the policy of the page forbade."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def violations(self):
        """What axe-core finds that is serious."""
        # By the debugger, since the page's own policy lets no script in.
        self.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": (PACKAGES / "axe_core_python/axe.min.js").read_text()})
        found = self.driver.execute_async_script("const done = arguments[0]; axe.run().then((result) => done(result.violations))")
        return [(one["id"], one["impact"], [node["html"][:200] for node in one["nodes"]]) for one in found
                if one["impact"] in ("serious", "critical")]
