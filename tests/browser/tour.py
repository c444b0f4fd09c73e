"""The tour of the README, taken by a browser: from the set-up link to a delivered mailing and one who leaves.

`python -m tests.browser.tour FOLDER [GOOD BAD]` takes it with so many people and leaves its pictures in FOLDER.
"""

import csv
import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.parts.browser import OPTIONS, program
from tests.parts.maestro import Maestro

EMAIL, PASSWORD = "anna@example.org", "correct horse battery 7"
SUBJECT = "{{first_name|Hello}}, spring is at the door"
HTML = """<html><body><h1>Good morning, {{first_name|friend}}</h1>
<p>Come by in {{city|your town}}, or <a href="https://www.example.org/spring">look</a>.</p>
.BB &POINTS > 50
<p>You have {{points}} points.</p>
.EB
<p><a href="{{*UnsubscribeURL}}">Unsubscribe</a></p></body></html>"""
CITIES = ("Bristol", "York", "Köln")
BAD = ("no address", "two@@example.org", "@example.org", "a b@example.org", "")


def write_people(path, good, bad):
    """A CSV as another program would export it: byte order mark, semicolons, and `bad` rows among the good."""
    every = max(1, good // bad) if bad else good + 1
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["E-mail", "First name", "City", "Points"])
        for number in range(good):
            rows.writerow(person(number))
            if number % every == 0 and number // every < bad:
                rows.writerow([BAD[number // every % len(BAD)], "Nobody", "York", 1])


def person(number):
    return [f"person{number}@example.org", f"Zoë {number}" if number % 3 else "", CITIES[number % 3], number % 101]


def choose(select, text):
    """Take the option that has `text` in it."""
    select.select_option(select.locator("option", has_text=text).first.get_attribute("value"))


def set_up(page, maestro):
    page.goto(maestro.setup_url)
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Organisation").fill("Fern & Field")
    page.get_by_label("Postal address").fill("12 Mill Lane\nBristol")
    page.locator("input[name=sample][value=no]").check()
    page.get_by_role("button", name="Create your account").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def make_audience(page, maestro):
    """A dataset with three fields and a list in it."""
    page.goto(f"{maestro.url}/admin/datasets/new")
    page.get_by_label("Name").fill("Customers")
    page.locator("main").get_by_role("button", name=re.compile("Create|Make|Save")).click()
    dataset = re.search(r"/datasets/(\d+)", page.url)[1]
    for label, kind in (("First name", "text"), ("City", "text"), ("Points", "number")):
        page.goto(f"{maestro.url}/admin/datasets/{dataset}/fields/new")
        page.get_by_label("Label").fill(label)
        page.get_by_label("Type").select_option(kind)
        page.locator("main").get_by_role("button", name=re.compile("Create|Make|Add|Save")).click()
    page.goto(f"{maestro.url}/admin/datasets/{dataset}/lists/new")
    page.get_by_label("Name").fill("Spring news")
    page.locator("main").get_by_role("button", name=re.compile("Create|Make|Save")).click()


def import_people(page, maestro, path, good, bad, picture):
    page.goto(f"{maestro.url}/admin/imports")
    page.locator("main").get_by_role("link", name="Import a file").first.click()
    choose(page.locator("main select").first, "Spring news")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_text("person0@example.org")).to_be_visible()
    page.get_by_role("link", name="Next: fields and rules").click()
    page.get_by_role("button", name="Check the import").click()
    start = page.get_by_role("button", name=re.compile("^Import [\\d,.]+ changes"))
    expect(start).to_be_visible(timeout=120_000)
    expect(page.locator("main")).to_contain_text(f"{bad:,}")
    picture("import")
    start.click()
    expect(page.get_by_role("heading", name="Import is done")).to_be_visible(timeout=300_000)


def write_job(page, maestro, picture):
    page.goto(f"{maestro.url}/admin/jobs/new")
    page.get_by_label("Title").fill("Spring is at the door")
    page.locator("main").get_by_role("button").last.click()
    job = re.search(r"/jobs/(\d+)", page.url)[1]
    page.goto(f"{maestro.url}/admin/jobs/{job}/recipients")
    choose(page.get_by_label("Who gets it"), "Spring news")
    page.locator("main form").get_by_role("button", name=re.compile("^Save")).first.click()
    page.goto(f"{maestro.url}/admin/jobs/{job}/content")
    page.get_by_label("Subject").fill(SUBJECT)
    page.get_by_label("From, name").fill("Fern & Field")
    page.get_by_label("From, address").fill("hello@example.org")
    page.evaluate("html => { const box = document.querySelector('textarea[name=html]'); box.value = html;"
                  " box.dispatchEvent(new Event('input', {bubbles: true})); }", HTML)
    page.locator("main form").get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.get_by_role("heading", name=re.compile("Spring is at the door")).first).to_be_visible()
    picture("job")
    return job


def test_and_send(page, maestro, job, good):
    page.goto(f"{maestro.url}/admin/jobs/{job}/test")
    page.get_by_label("Send the test to").fill(EMAIL)
    page.get_by_role("button", name="Send the test").click()
    page.get_by_role("button", name="Accept the test").click()
    page.goto(f"{maestro.url}/admin/jobs/{job}/delivery")
    page.get_by_role("button", name="Save and look at it once more").click()
    typed = page.get_by_label("To make sure")
    if typed.count():
        typed.fill(str(good))
    page.get_by_role("button", name=re.compile(f"Send to {good:,} people")).click()


def wait_for_the_end(page, maestro, job, good):
    """Watch the delivery; at every moment the counts of the ledger add up to the audience."""
    while True:
        shown = maestro.flask("job-show", job)
        assert sum(shown["counts"].values()) in (0, shown["audience"]), shown
        if shown["phase"] == "done":
            break
        page.wait_for_timeout(200)
    assert shown["counts"]["accepted"] == good
    page.goto(f"{maestro.url}/admin/jobs?stage=completed&job={job}")
    expect(page.get_by_text("Delivered").first).to_be_visible()


def take(page, maestro, folder, good, bad, picture):
    """The whole tour; returns the number of the job."""
    set_up(page, maestro)
    picture("home")
    make_audience(page, maestro)
    write_people(folder / "people.csv", good, bad)
    import_people(page, maestro, folder / "people.csv", good, bad, picture)
    job = write_job(page, maestro, picture)
    test_and_send(page, maestro, job, good)
    wait_for_the_end(page, maestro, job, good)
    picture("delivered")
    page.goto(f"{maestro.url}/admin/outbox")
    picture("outbox")
    return job


def main(pictures, good="99500", bad="500"):
    pictures = Path(pictures)
    pictures.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp())
    with Maestro(folder / "data") as maestro, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
        job = take(page, maestro, folder, int(good), int(bad),
                   picture=lambda name: page.screenshot(path=pictures / f"{name}.png"))
        found = maestro.flask("outbox-export", "--job", job, "--to", str(folder / "mails"))
        print(f"job {job}: {found}; the mails lie in {folder / 'mails'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
