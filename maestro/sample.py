"""Sample data for a first look: invented people at example.org, two lists, and a job ready to be tested."""

from datetime import date

from maestro.mailing import jobs
from maestro.warehouse import datasets, fields, lists, members, sites, subscriptions

FIRST = ("Ann Ben Cara Dan Ella Finn Gwen Hugo Iris Jon Kate Liam Mia Noah Olive Paul Quinn Rosa Sam Tess").split()
LAST = "Archer Baker Carter Dyer Fisher Gardner Hunter Mason Potter Weaver".split()
CITIES = ["Bristol", "York", "Leeds", "Bath"]
SUBJECT = "{{first_name|Hello}}, spring is at the door"
HTML = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Spring at Fern &amp; Field</title></head>
<body style="margin:0;background:#f4f5f2;font-family:Arial,sans-serif;color:#22302b">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px">
<table role="presentation" width="560" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff">
<tr><td style="padding:32px">
<h1 style="font-size:24px;margin:0 0 16px">Good morning, {{first_name|friend}}</h1>
<p style="line-height:1.5">The first seedlings are ready. Come by in {{city|your town}}, or look at
<a href="https://www.example.org/spring" style="color:#0c7a6b">what is new this spring</a>.</p>
.BB birthdaythismonth &BIRTHDAY
<p style="line-height:1.5;background:#eef6f3;padding:16px">It is your birthday month: a pot of lavender
waits for you.</p>
.EB
<p style="font-size:13px;color:#5a6068;line-height:1.5">You get this because you are on our list {{*ListName}}.<br>
{{*SenderAddress}}<br>
<a href="{{*ViewInBrowserURL}}" style="color:#5a6068">View in browser</a> ·
<a href="{{*UnsubscribeURL}}" style="color:#5a6068">Unsubscribe</a></p>
</td></tr></table></td></tr></table>
</body></html>
"""


def fill(group, by):
    """Give a group a dataset with two lists and 200 people, and one draft."""
    dataset = datasets.create(group, "Customers", by, "Invented people, to try things out")
    fields.create(dataset, "First name", "text", by, name="first_name")
    fields.create(dataset, "Last name", "text", by, name="last_name")
    fields.create(dataset, "City", "choice", by, name="city", choices=CITIES)
    fields.create(dataset, "Birthday", "date", by, name="birthday")
    fields.create(dataset, "Points", "number", by, name="points")
    news = lists.create(dataset, "Spring news", by, "Once a month: what we made and why")
    offers = lists.create(dataset, "Offers", by, "About twice a month")
    sites.change(sites.of(dataset), by, state="open")
    for number in range(200):
        row = members.add(dataset, f"{FIRST[number % 20]}.{LAST[number // 20]}@example.org".lower(), person(number), by)
        subscriptions.join(news, row, by)
        if number % 3:
            subscriptions.join(offers, row, by)
    jobs.create(group, "Spring at Fern & Field", by, dataset_id=dataset.id, list_id=news.id, subject=SUBJECT, html=HTML,
                from_address="hello@example.org", from_name="Fern & Field", tracking=news.tracking)


def person(number):
    """The values of the person with this number."""
    return {"first_name": FIRST[number % 20], "last_name": LAST[number // 20], "city": CITIES[number % 4],
            "birthday": date(1950 + number % 55, 1 + number % 12, 1 + number % 28), "points": float(number * 7 % 100)}
