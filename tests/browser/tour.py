"""The tour of the README, taken by a browser: from the set-up link to a delivered mailing and one who leaves.

`python -m tests.browser.tour FOLDER [GOOD BAD [sink]]` takes it with so many people, leaves its pictures in FOLDER, and
compares every message with what was written: those of the Outbox, or with `sink` those that Postfix's smtp-sink got.
"""

import csv
import re
import sys
import tempfile
import time
from contextlib import nullcontext
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.parts.browser import OPTIONS, program
from tests.parts.maestro import Maestro
from tests.parts.smtp_sink import postfix_sink

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
    page.locator("label[for=html]").evaluate("label => label.scrollIntoView()")
    page.locator("[data-covers=html]").get_by_role("textbox").fill(HTML)
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


def expected(number):
    """Subject and visible words of the message to a person, as written."""
    _, first, city, points = person(number)
    words = [f"Good morning, {first or 'friend'}", f"Come by in {city}"]
    if points > 50:
        words.append(f"You have {points} points.")
    return f"{first or 'Hello'}, spring is at the door", words


def check(files, good):
    """Each of the messages says what was written to its person, and everybody has one."""
    found = set()
    for file in files:
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        address = message["To"].addresses[0].addr_spec
        number = int(address.removeprefix("person").removesuffix("@example.org"))
        subject, words = expected(number)
        html = message.get_body(("html",)).get_content()
        assert message["Subject"] == subject, (address, message["Subject"])
        assert all(word in html for word in words), html
        assert ("points." in html) == (len(words) == 3), html
        assert number not in found, f"{address} has two"
        found.add(number)
    assert found == set(range(good)), f"{len(found):,} of {good:,}"


def leaving_url(message):
    """Where the mail leads those who want no more of it."""
    return message["List-Unsubscribe"].split(">")[0].strip("<")


def main(pictures, good="99500", bad="500", way="outbox"):
    pictures, folder, good = Path(pictures), Path(tempfile.mkdtemp()), int(good)
    pictures.mkdir(parents=True, exist_ok=True)
    mails = folder / "mails"
    mails.mkdir(mode=0o777)
    folder.chmod(0o755)
    mails.chmod(0o777)                             # smtp-sink may run as somebody else
    sink = postfix_sink("-d", f"{mails}/%H%M") if way == "sink" else nullcontext()
    with sink as port, sync_playwright() as playwright:
        settings = {"MAESTRO_SMTP_URL": f"smtp://127.0.0.1:{port}?connections=50"} if port else {}
        with Maestro(folder / "data", **settings) as maestro:
            browser = playwright.chromium.launch(executable_path=program(), args=OPTIONS)
            page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")

            def picture(name):
                page.screenshot(path=pictures / f"{name}.png")

            start = time.monotonic()
            job = take(page, maestro, folder, good, int(bad), picture)
            counts = maestro.flask("job-show", job)["counts"]
            print(f"The job is done {time.monotonic() - start:.0f} s after the start of the tour: {counts}")
            if not port:
                print(maestro.flask("outbox-export", "--job", job, "--to", str(mails)))
            files = [file for file in mails.iterdir() if b"\nTo: person" in file.read_bytes()]
            check(files, good)
            print(f"{len(files):,} messages say what was written.")
            page.goto(leaving_url(message_from_bytes(files[0].read_bytes(), policy=policy.default)))
            picture("unsubscribe")


if __name__ == "__main__":
    main(*sys.argv[1:])
