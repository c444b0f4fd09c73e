"""The links that a mailing carries lead to the pages of its dataset's site."""

import re

from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib.mails import Mail
from maestro.mailing import authorise, trial
from maestro.models import OutboxMessage
from tests.writing import draft

TEXT = "Lists: {{*ProfileURL}}\nSubscribe: {{*SubscribeURL}}\nLeave: {{*UnsubscribeURL}}\n"


def test_profile_and_subscribe_links_of_a_delivered_mail(client, world, site, work):
    job = draft(world, html="", text=TEXT)
    trial.send(job, ["me@example.org"], world.alice)
    trial.accept(job, world.alice)
    authorise.authorise(job, "now", world.alice, grace=0)
    work()
    texts = {message.address: Mail(outbox.read(message)).text for message in db.session.query(OutboxMessage)}
    profile, subscribe, leave = re.findall(r"http://127\.0\.0\.1:20080(\S+)", texts["dave@example.org"])
    assert "Your subscriptions" in client.get(profile).text
    assert subscribe == f"/s/{site.key}/subscribe?list={world.offers.key}"
    assert re.search(r'value="\w+" checked', client.get(subscribe).text)
    assert client.get(leave).status_code == 200
    of_test = re.findall(r"http://127\.0\.0\.1:20080(/p/\S+)", texts["me@example.org"])[0]
    assert "test delivery" in client.get(of_test).text
