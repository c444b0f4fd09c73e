import csv
import io

from sqlalchemy import update

from maestro.delivery import ledger, tallies
from maestro.extensions import db
from maestro.models import Recipient
from tests.admin.test_jobs import launched


def mark(job, number, **values):
    db.session.execute(update(Recipient).where(Recipient.job_id == job.id, Recipient.number == number).values(**values))
    tallies.rest(job.id)
    db.session.commit()


def test_the_states_add_up_and_each_leads_to_its_people(client, world):
    job = launched(world, phase="failed", count=3)
    mark(job, 1, state="accepted", code=250, reply="2.0.0 <b>queued</b>")
    mark(job, 2, state="rejected", code=550, reply="no such user")
    page = client.as_(world.bob).get(f"/admin/jobs/{job.id}/ledger").text
    assert "<strong>4</strong> <span>Everybody</span>" in page and "<strong>2</strong> <span>Waiting</span>" in page
    assert "&lt;b&gt;queued" in page
    page = client.get(f"/admin/jobs/{job.id}/ledger?state=rejected").text
    assert "no such user" in page and "queued&lt;" not in page
    assert client.get(f"/admin/jobs/{job.id}/ledger?state=nonsense").status_code == 200


def test_a_long_ledger_comes_in_pages(client, world):
    job = launched(world, count=60)
    page = client.as_(world.bob).get(f"/admin/jobs/{job.id}/ledger").text
    assert page.count("@example.org</td>") == 50 and "after=50" in page
    page = client.get(f"/admin/jobs/{job.id}/ledger?after=50").text
    assert page.count("@example.org</td>") == 11 and "after=" not in page


def test_the_ledger_is_downloaded_without_formulas(client, world):
    job = launched(world)
    mark(job, 1, state="rejected", code=550, reply="=HYPERLINK(1)")
    answer = client.as_(world.alice).get(f"/admin/jobs/{job.id}/ledger.csv?state=rejected")
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["address"], row["state"], row["reply"]) == ("dave@example.org", "rejected", "'=HYPERLINK(1)")
    assert f'{job.code}-rejected.csv' in answer.headers["Content-Disposition"]
    assert client.as_(world.bob).get(f"/admin/jobs/{job.id}/ledger.csv").status_code == 403


def test_the_unconfirmed_are_explained_and_settled(client, world, work):
    job = launched(world, phase="done")
    for number, state in ((1, "accepted"), (2, "unknown"), (3, "unknown")):
        mark(job, number, state=state)
    page = client.as_(world.alice).get(f"/admin/jobs/{job.id}/ledger").text
    assert "2 unconfirmed" in page and "We do not send twice without being asked." in page
    assert "2 unconfirmed" in client.get(f"/admin/jobs/{job.id}").text
    assert client.as_(world.bob).post(f"/admin/jobs/{job.id}/unconfirmed/again").status_code == 403
    client.as_(world.alice).post(f"/admin/jobs/{job.id}/unconfirmed/leave")
    assert ledger.counts(job.id)["unknown"] == 2
    client.post(f"/admin/jobs/{job.id}/unconfirmed/delivered")
    db.session.rollback()
    assert ledger.counts(job.id)["accepted"] == 3
