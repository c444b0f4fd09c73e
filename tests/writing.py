"""Jobs for tests: a draft with everything in it, and one that may be authorised."""

from maestro.extensions import db
from maestro.mailing import jobs
from maestro.warehouse import members, subscriptions

HTML = """<h1>Hello {{first_name|friend}}</h1>
<p><a href="https://www.example.org/spring">Spring</a></p>
.BB birthdaytoday &BIRTHDAY
<p>Happy birthday</p>
.EB
<p>{{*SenderAddress}} <a href="{{*UnsubscribeURL}}">Unsubscribe</a></p>
"""


def draft(world, title="Spring", by=None, **content):
    """A draft to Dave's list with content that is in order."""
    filled = {"dataset_id": world.dataset.id, "list_id": world.offers.id, "subject": "Spring, {{first_name|friend}}",
              "html": HTML, "from_address": "hello@example.org", "from_name": "Fern & Field", **content}
    made = jobs.create(world.group, title, by or world.alice, **filled)
    db.session.commit()
    db.session.refresh(made)
    return made


def ready(world, **content):
    """A draft whose test was accepted."""
    made = draft(world, **content)
    made.tested_version = made.accepted_version = made.version
    db.session.commit()
    return made


def people(world, count, **values):
    """That many more people on Dave's list, as rows."""
    found = []
    for number in range(count):
        filled = {"first_name": f"P{number}", **values}
        row = members.add(world.dataset, f"person{number}@example.org", filled, by="test")
        subscriptions.join(world.offers, row, by="test")
        found.append(row)
    db.session.commit()
    return found
