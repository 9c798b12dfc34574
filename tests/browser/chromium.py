"""A real browser: headless Chromium, driven over its DevTools protocol."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import trio
import trio_websocket
from attrs import Factory, define

from tests.server import PATIENCE

# The first of these starts and works in half the time of the others.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")

# Seconds that a busy machine may take to start it, and a page to show what was promised.
START = 60
WAIT = 3 * PATIENCE

# Of what Chromium finds wrong with a page, what a server has a part in.
ISSUES = {"ContentSecurityPolicyIssue", "CorsIssue", "MixedContentIssue", "CookieIssue"}

# It asks nobody but the pages it is given, and needs no profile, no screen and no sandbox (it is
# root that runs it in continuous integration, and what it loads is ours).
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--no-default-browser-check",
    "--no-first-run",
    "--remote-debugging-port=0",
)


def find_chromium() -> str | None:
    """The program, under one of its names."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def running(program: str, profile: Path) -> Iterator[str]:
    """Its DevTools address while it runs."""
    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={key: value for key, value in os.environ.items() if not key.lower().endswith("proxy")},
    )
    assert process.stderr is not None
    overdue = threading.Timer(START, process.kill)
    overdue.start()
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if "DevTools listening on " in line:
                break
        else:
            raise AssertionError(f"Chromium did not start: {''.join(said)}")
        overdue.cancel()
        drain = threading.Thread(target=deque, args=(process.stderr, 0))  # lest it block on us
        drain.start()
        try:
            yield said[-1].rpartition(" ")[2].strip()
        finally:
            _end(process)
            drain.join()
    finally:
        overdue.cancel()
        _end(process)
        process.stderr.close()


def _end(process: subprocess.Popen[str]) -> None:
    """With its children, which are of its own group."""
    if process.poll() is not None:
        return
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _found(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"


class ScriptError(Exception):
    """What a page threw."""


@define(eq=False)
class Page:
    """A tab with a profile of its own: no cookie, no storage of another page."""

    browser: "Browser"
    session: str
    context: str
    complaints: list[str] = Factory(list)
    asked: list[str] = Factory(list)  # every address it called, sockets included

    async def command(self, method: str, **params: Any) -> Any:
        return await self.browser.command(method, params, self.session)

    async def open(self, url: str) -> None:
        """Go there, and wait until it and what it needs is loaded."""
        await self._loaded("Page.navigate", url=url)

    async def reload(self) -> None:
        await self._loaded("Page.reload")

    async def _loaded(self, method: str, **params: Any) -> None:
        told = self.browser.expect(self.session, "Page.loadEventFired")
        answer = await self.command(method, **params)
        assert "errorText" not in answer, answer
        with trio.fail_after(WAIT):
            await told.wait()

    async def js(self, expression: str) -> Any:
        """The value of an expression, awaited if it is a promise."""
        with trio.fail_after(WAIT):
            answer = await self.command(
                "Runtime.evaluate",
                expression=expression,
                awaitPromise=True,
                returnByValue=True,
                userGesture=True,
            )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            raise ScriptError(thrown.get("exception", {}).get("description") or thrown["text"])
        return answer["result"].get("value")

    async def until(self, condition: str) -> Any:
        """The first true value of an expression, looked at after every change of the page; true
        for an element.
        """
        return await self.js(
            f"""new Promise((resolve, reject) => {{
              const look = () => {{
                let value;
                try {{ value = {condition}; }} catch (error) {{ return void reject(error); }}
                if (!value) return;
                watch.disconnect();
                clearTimeout(late);
                resolve(value instanceof Node ? true : value);
              }};
              const watch = new MutationObserver(look);
              const late = setTimeout(() => {{
                watch.disconnect();
                reject(new Error("in vain: " + {json.dumps(condition)} + "\\n" +
                                 document.body.innerText.slice(0, 3000)));
              }}, {WAIT * 900});
              const all = {{childList: true, subtree: true, characterData: true, attributes: true}};
              watch.observe(document, all);
              look();
            }})"""
        )

    async def click(self, selector: str) -> None:
        """An element, once it is there."""
        await self.until(_found(selector))
        await self.js(f"{_found(selector)}.click()")

    async def type(self, selector: str, text: str) -> None:
        """As from a keyboard, in place of what stands there."""
        await self.until(_found(selector))
        await self.js(f"{{const e = {_found(selector)}; e.focus(); e.select()}}")
        await self.command("Input.insertText", text=text)

    async def screenshot(self) -> str:
        """PNG in base64, for human eyes."""
        return str((await self.command("Page.captureScreenshot"))["data"])

    async def aclose(self) -> None:
        await self.browser.command(
            "Target.disposeBrowserContext", {"browserContextId": self.context}
        )

    def heard(self, method: str, params: Mapping[str, Any]) -> None:
        """Note what the console, the policy and the network say."""
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning"}:
            said = [str(arg.get("value", arg.get("description"))) for arg in params["args"]]
            self.complaints.append(" ".join(said))
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            entry = params["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
        elif method == "Audits.issueAdded" and params["issue"]["code"] in ISSUES:
            self.complaints.append(json.dumps(params["issue"]))
        elif method == "Network.requestWillBeSent":
            if params["request"]["method"] != "OPTIONS":  # that is a preflight
                self.asked.append(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked.append(params["url"])


@define(eq=False)
class Browser:
    """A conversation with a running Chromium."""

    _socket: trio_websocket.WebSocketConnection
    _answers: dict[int, trio.MemorySendChannel[Any]] = Factory(dict)
    _pages: dict[str, Page] = Factory(dict)
    _expected: dict[tuple[str, str], trio.Event] = Factory(dict)
    _last: int = 0

    async def command(self, method: str, params: Mapping[str, Any], session: str = "") -> Any:
        self._last += 1
        number = self._last
        send, receive = trio.open_memory_channel[Any](1)
        self._answers[number] = send
        said = {"id": number, "method": method, "params": params}
        if session:
            said["sessionId"] = session
        with trio.fail_after(2 * WAIT):
            await self._socket.send_message(json.dumps(said))
            answer = await receive.receive()
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def expect(self, session: str, method: str) -> trio.Event:
        """Set at the next event of this name."""
        return self._expected.setdefault((session, method), trio.Event())

    async def listen(self) -> None:
        while True:
            said = json.loads(await self._socket.get_message())
            if "id" in said:
                self._answers.pop(said["id"]).send_nowait(said)
                continue
            session, method = said.get("sessionId", ""), said["method"]
            if page := self._pages.get(session):
                page.heard(method, said["params"])
            if (session, method) in self._expected:
                self._expected.pop((session, method)).set()

    async def page(self) -> Page:
        """A new tab."""
        made = await self.command("Target.createBrowserContext", {"disposeOnDetach": True})
        context = made["browserContextId"]
        target = await self.command(
            "Target.createTarget", {"url": "about:blank", "browserContextId": context}
        )
        attached = await self.command(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        page = Page(self, attached["sessionId"], context)
        self._pages[page.session] = page
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            await page.command(f"{domain}.enable")
        return page


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Browser]:
    """Speak with the Chromium at this address."""
    async with trio.open_nursery() as nursery:
        socket = await trio_websocket.connect_websocket_url(
            nursery, address, max_message_size=64 << 20
        )
        browser = Browser(socket)
        nursery.start_soon(browser.listen)
        try:
            yield browser
        finally:
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 2):
                await trio.aclose_forcefully(socket._stream)
