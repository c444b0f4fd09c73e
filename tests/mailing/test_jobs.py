import pytest
from sqlalchemy import select

from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.mailing import jobs, journal
from maestro.models import AuditEntry, MailJob
from tests.writing import draft


@pytest.mark.parametrize(("number", "word"), [
    (0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")])
def test_letters_go_on_after_z_with_two(number, word):
    assert jobs.letters(number) == word


def test_a_days_jobs_are_numbered_by_letters(world):
    first, second = draft(world), draft(world)
    assert first.code[:6] == second.code[:6] and first.code[:6].isdigit()
    assert (first.code[6:], second.code[6:]) == ("A", "B")


def test_a_change_of_content_raises_the_version_and_is_told(world):
    job = draft(world)
    before = job.version
    jobs.change(job, world.bob, subject="New")
    assert job.version == before + 1
    told = select(AuditEntry.details).where(AuditEntry.action == "job.change").order_by(AuditEntry.id.desc())
    assert db.session.scalars(told).first() == {"parts": ["subject"]}
    assert journal.last(job, "change").actor == "bob@example.org"


def test_what_stays_the_same_raises_no_version(world):
    job = draft(world)
    before = job.version
    jobs.change(job, world.bob, subject=job.subject, title="Another title")
    assert (job.version, job.title) == (before, "Another title")


def test_a_change_of_an_older_version_is_refused_and_changes_nothing(world):
    job = draft(world)
    seen = job.version
    jobs.change(job, world.alice, subject="Hers")
    with pytest.raises(jobs.Stale):
        jobs.change(job, world.bob, seen, subject="His")
    assert job.subject == "Hers"


def test_only_a_draft_can_be_changed(world):
    job = draft(world)
    job.phase = "authorised"
    db.session.flush()
    with pytest.raises(WrongState, match="Only a draft"):
        jobs.change(job, world.alice, subject="Too late")


@pytest.mark.parametrize(("field", "value", "said"), [
    ("subject", "two\nlines", "one line"), ("subject", "x" * 401, "at most 400"),
    ("from_name", "x" * 121, "at most 120"), ("from_address", "nobody", "a domain"), ("reply_to", "@", "a domain"),
    ("title", " ", "title"), ("title", "a\tb", "title"), ("html", "a\0b", "null character"),
    ("text", "x" * 1_000_001, "1,000,000"), ("tracking", "everything", "Tracking is one of")])
def test_a_wrong_value_is_refused_at_its_field(world, field, value, said):
    with pytest.raises(Refused, match=said) as refusal:
        jobs.change(draft(world), world.alice, **{field: value})
    assert refusal.value.field == field


def test_lines_of_a_browser_end_as_the_content_language_counts_them(world):
    job = draft(world)
    jobs.change(job, world.alice, html="one\r\ntwo\rthree\n")
    assert job.html == "one\ntwo\nthree\n"


def test_a_copy_has_the_content_and_nothing_of_what_happened(world):
    job = draft(world)
    job.tested_version = job.accepted_version = job.version
    copy = jobs.copy(job, by=world.bob)
    assert (copy.title, copy.subject, copy.user_id) == ("Copy of Spring", job.subject, world.bob.id)
    assert copy.accepted_version == 0 and copy.phase == "open"
    assert (copy.dataset, copy.list) == (job.dataset, job.list) and copy.dataset


def test_two_who_take_the_same_letter_both_get_a_job(world):
    first = draft(world)
    made = iter([first.code, f"{first.code[:6]}Q"])
    job = jobs.numbered(lambda: MailJob(code=next(made), group_id=world.group.id, title="Second", zone="UTC"))
    assert job.code == f"{first.code[:6]}Q"
