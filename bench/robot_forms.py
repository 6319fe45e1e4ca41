"""The same four screens of an old Shift_JIS system, filled in and registered: our robot in a browser beside a bare
Playwright script and Robot Framework with SeleniumLibrary, our compiled robot beside a bare httpx script.

All against the practice system in a process of its own, signed in before the clock starts; in the browser each keeps
the same evidence: a picture just before the last press and one after it. Everything that was typed must stand in the
ledger afterwards.

    python -m bench.robot_forms
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import httpx
import lxml.html
from playwright.sync_api import sync_playwright

from yakuba.declare import load_catalogue
from yakuba.robots.browser import QUIET, WINDOW, Browser, chromium
from yakuba.robots.driver import Driver
from yakuba.robots.http import HttpDriver
from yakuba.robots.player import Player
from yakuba.simulators.legacy import PASSWORD, USER, read_ledger
from yakuba.site.neighbours import near, wait_for
from yakuba.site.sample import sample

BROWSER, HTTP = 40, 600
"""Items registered in a browser and over HTTP; every way twice, the quicker one counts."""
BARE, FRAMEWORK, COMPILED = 0.9, 2.0, 0.6
"""Limits: our rate as a multiple of the peer's."""
FIELDS = ("reference", "name", "kana", "birth_date"), ("children", "amount", "first_month", "method")
NAMES = dict(zip(sum(FIELDS, ()), ("uketsuke", "shimei", "kana", "seinengappi", "jidosu", "getsugaku", "kaishi", "hoho"), strict=True))  # fmt: skip
_DECLARED = load_catalogue()
ROBOT, SYSTEM = _DECLARED.robots["child-allowance", "ledger"], _DECLARED.systems["welfare"]
Way = Callable[[str, int, str], float]


def measure() -> list[dict[str, Any]]:
    """Items a minute in five ways, and their ratios."""
    with tempfile.TemporaryDirectory() as folder, _system(Path(folder)) as address:
        ways: list[tuple[str, Way, int]] = [
            ("robot", our_browser, BROWSER),
            ("playwright", bare_playwright, BROWSER),
            ("framework", robot_framework, BROWSER // 2),
            ("compiled", our_http, HTTP),
            ("httpx", bare_httpx, HTTP),
        ]
        rates: dict[str, float] = {}
        for turn in (1, 2):
            for name, way, count in ways:
                took = way(address, count, f"{name}{turn}")
                rates[name] = max(rates.get(name, 0.0), 60 * count / took)
        expected = 2 * sum(count for _, _, count in ways)
        assert len(read_ledger(Path(folder) / "welfare")) == expected, (
            "something was not registered, or twice"
        )
    print(json.dumps({name: round(rate) for name, rate in rates.items()}), file=sys.stderr)
    pairs = [
        ("robot_forms.playwright", "robot", "playwright", BARE, f"playwright {version('playwright')}"),
        (
            "robot_forms.framework",
            "robot",
            "framework",
            FRAMEWORK,
            f"robotframework {version('robotframework')}",
        ),
        ("robot_forms.compiled", "compiled", "httpx", COMPILED, f"httpx {version('httpx')}"),
    ]
    return [
        {"name": name, "ours": round(rates[ours]), "peer": round(rates[peer]),
         "ratio": round(rates[ours] / rates[peer], 3), "limit": f">= {limit}",
         "ok": rates[ours] / rates[peer] >= limit, "peer_version": said, "command": "python -m bench.robot_forms"}
        for name, ours, peer, limit, said in pairs
    ]  # fmt: skip


@contextmanager
def _system(folder: Path) -> Iterator[str]:
    port = near(0)
    command = [
        sys.executable,
        "-m",
        "yakuba.simulators.legacy",
        "--folder",
        str(folder),
        "--port",
        str(port),
        "--only",
        "welfare",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _typed(key: str) -> dict[str, str]:
    """What is typed for one item, by the robot's names."""
    return {name: one.text for name, one in sample(ROBOT, SYSTEM, key).values.items()}


# -- ours --------------------------------------------------------------------------------------------------
def our_browser(address: str, count: int, label: str) -> float:
    """Our robot in Chromium: seconds."""
    with Browser() as browser:
        return _ours(browser.window(pop_ups=SYSTEM.pop_ups), address, count, label)


def our_http(address: str, count: int, label: str) -> float:
    """Our robot over HTTP: seconds."""
    return _ours(HttpDriver(), address, count, label)


def _ours(driver: Driver, address: str, count: int, label: str) -> float:
    secrets = {"user": USER, "password": PASSWORD}
    player = Player(driver, ROBOT, SYSTEM, address=address, secrets=secrets)
    player.sign_in()
    items = [sample(ROBOT, SYSTEM, f"{label}-{n}") for n in range(count)]
    began = time.perf_counter()
    for item in items:
        assert player.do(item, lambda picture: None).receipt
    return time.perf_counter() - began


# -- the peers ---------------------------------------------------------------------------------------------
def bare_playwright(address: str, count: int, label: str) -> float:
    """A script as a practised hand writes it: elements by their names in the page, nothing else looked at: seconds."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_page(viewport=WINDOW)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(address)
        page.fill("[name=user]", USER)
        page.fill("[name=pass]", PASSWORD)
        page.click("text=ログイン >> nth=-1")
        page.wait_for_load_state()
        menu, main = page.frame_locator("[name=menu]"), page.frame_locator("[name=main]")
        began = time.perf_counter()
        for number in range(count):
            typed = _typed(f"{label}-{number}")
            menu.get_by_text("新規登録").click()
            for fields, press in zip(FIELDS, ("次へ", "確認"), strict=True):
                for name in fields:
                    box = main.locator(f"[name={NAMES[name]}]")
                    box.select_option(typed[name]) if name == "method" else box.fill(typed[name])
                main.get_by_role("button", name=press).click()
            main.get_by_text("登録内容の確認").wait_for()
            page.screenshot(type="jpeg", quality=50)
            main.get_by_role("button", name="登録").click()
            assert "W-" in (main.locator("p").text_content() or "")
            page.screenshot(type="jpeg", quality=50)
        took = time.perf_counter() - began
        browser.close()
    return took


def bare_httpx(address: str, count: int, label: str) -> float:
    """The four requests, and the token of the first screen: seconds."""
    client = httpx.Client(follow_redirects=True, base_url=address)

    def send(path: str, typed: dict[str, str]) -> httpx.Response:
        body = urlencode(typed, encoding="cp932")
        return client.post(path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    send("/login", {"user": USER, "pass": PASSWORD})
    began = time.perf_counter()
    for number in range(count):
        typed = _typed(f"{label}-{number}")
        form = lxml.html.fromstring(client.get("/new").content.decode("cp932"))
        token = form.xpath("string(//input[@name='token']/@value)")
        for screen, fields in enumerate(FIELDS, start=1):
            send(f"/new/{screen}", {"token": token, **{NAMES[name]: typed[name] for name in fields}})
        assert "W-" in send("/commit", {"token": token}).content.decode("cp932")
    return time.perf_counter() - began


_SUITE = """
*** Settings ***
Library    SeleniumLibrary    timeout=10    run_on_failure=Nothing
Suite Setup    Sign In
Suite Teardown    Close All Browsers

*** Test Cases ***
Register
    FOR    ${n}    IN RANGE    ${COUNT}
        Register One    ${LABEL}-${n}
    END

*** Keywords ***
Sign In
    ${options}=    Evaluate    selenium.webdriver.ChromeOptions()    modules=selenium.webdriver
    FOR    ${argument}    IN    @{ARGUMENTS}
        Call Method    ${options}    add_argument    ${argument}
    END
    ${options.binary_location}=    Set Variable    ${CHROMIUM}
    Open Browser    ${ADDRESS}    Chrome    options=${options}    service=executable_path='${CHROMEDRIVER}'
    Set Window Size    1024    768
    Input Text    name:user    ${USER}
    Input Text    name:pass    ${PASSWORD}
    Click Button    ログイン
    Wait Until Page Contains Element    name:menu

Register One
    [Arguments]    ${key}
    Select Frame    name:menu
    Click Link    新規登録
    Unselect Frame
    Select Frame    name:main
    Wait Until Element Is Visible    name:uketsuke
    Input Text    name:uketsuke    ${key}
    Input Text    name:shimei    ${shimei}
    Input Text    name:kana    ${kana}
    Input Text    name:seinengappi    ${seinengappi}
    Click Button    次へ
    Wait Until Element Is Visible    name:jidosu
    Input Text    name:jidosu    ${jidosu}
    Input Text    name:getsugaku    ${getsugaku}
    Input Text    name:kaishi    ${kaishi}
    Select From List By Value    name:hoho    ${hoho}
    Click Button    確認
    Wait Until Page Contains    登録内容の確認
    Capture Page Screenshot    before.png
    Click Button    登録
    Handle Alert    ACCEPT
    Wait Until Page Contains    登録番号
    Capture Page Screenshot    after.png
    Unselect Frame
"""


def robot_framework(address: str, count: int, label: str) -> float:
    """Robot Framework with SeleniumLibrary, as its user guide writes: seconds of the test, not of its set-up."""
    from robot.api import ExecutionResult

    values = {NAMES[name]: text for name, text in _typed("x").items()}
    arguments = [*QUIET, "--headless=new", "--disable-quic"]
    variables = {
        **values, "COUNT": count, "LABEL": label, "ADDRESS": address, "USER": USER, "PASSWORD": PASSWORD,
        "CHROMIUM": chromium(), "CHROMEDRIVER": shutil.which("chromedriver") or "chromedriver", "ARGUMENTS": arguments,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        suite, given = Path(folder) / "register.robot", Path(folder) / "given.py"
        suite.write_text(_SUITE, encoding="utf-8")
        given.write_text(
            "\n".join(f"{name} = {value!r}" for name, value in variables.items()), encoding="utf-8"
        )
        command = [
            sys.executable,
            "-m",
            "robot",
            "--variablefile",
            str(given),
            "--outputdir",
            folder,
            str(suite),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Robot Framework failed:\n{done.stdout[-2000:]}\n{done.stderr[-500:]}")
        (test,) = ExecutionResult(str(Path(folder) / "output.xml")).suite.tests
        return test.elapsed_time.total_seconds()


@click.command()
def main() -> None:
    """Measure."""
    print(json.dumps(measure(), indent=1))


if __name__ == "__main__":
    main()
