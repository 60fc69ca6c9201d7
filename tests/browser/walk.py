"""A reader's visit: a page that remembers every error, waits until the dashboard is still, and can be judged by axe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import axe_core_python
from playwright.sync_api import Browser, Page

AXE = (Path(axe_core_python.__path__[0]) / "axe.min.js").read_text(encoding="utf-8")
STILL = "document.querySelector('.hb') && !document.querySelector('.stApp[data-test-script-state=running], .stSkeleton, [data-stale=true]')"


class Visit:
    """One reader with one window."""

    def __init__(self, browser: Browser, address: str, width: int = 1440, height: int = 1000, scheme: str = "light") -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="ja-JP", timezone_id="Asia/Tokyo"  # type: ignore[arg-type]
        )  # fmt: skip
        self.address = address
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("requestfailed", lambda request: self.errors.append(f"failed: {request.url}"))
        self.page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        # On a deep link Streamlit looks for its server under the page's own path first.
        if message.type == "error" and "/_stcore/" not in str(message.location.get("url")):
            self.errors.append(f"console: {message.text} {message.location}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:", self.address.replace("http", "ws", 1))):
            self.errors.append(f"asked outside: {request.url}")

    def go(self, path: str = "/") -> None:
        """Open a page and wait until it is still."""
        self.page.goto(self.address + path)
        self.wait()

    def wait(self) -> None:
        """Wait until nothing moves any more."""
        self.page.wait_for_timeout(250)
        self.page.wait_for_function(STILL, timeout=60_000)
        self.page.wait_for_timeout(700)
        self.page.wait_for_function(STILL, timeout=60_000)

    def shoot(self, path: Path) -> None:
        """Take a picture of the whole page: as tall as its content, at most 4,000 px."""
        size = self.page.viewport_size
        assert size is not None
        tall = self.page.evaluate("Math.ceil(document.querySelector('.stMainBlockContainer').getBoundingClientRect().height)")
        self.page.set_viewport_size({"width": size["width"], "height": min(max(int(tall) + 60, size["height"]), 4000)})
        self.page.wait_for_timeout(500)
        self.page.screenshot(path=path)
        self.page.set_viewport_size(size)

    def judge(self) -> list[str]:
        """Return what axe finds serious or critical."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']} ({v['impact']}): {v['help']} → {[(n['target'], n['html'][:160]) for n in v['nodes'][:4]]}"
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]

    def close(self) -> None:
        """End the visit; fail if anything went wrong in it."""
        if os.environ.get("HIBIKI_BROWSER_HOLD"):
            self.page.pause()
        self.context.close()
        assert not self.errors, self.errors
