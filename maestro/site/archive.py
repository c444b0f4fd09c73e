"""Delivered mailings of a list that anybody may read: only where the list has its archive on and the job is public.

An issue is shown as nobody in particular would see it, cleaned, and never with a link of somebody's own.
"""

from datetime import UTC
from email.utils import format_datetime
from itertools import groupby
from xml.etree import ElementTree

from sqlalchemy import or_, select

from maestro import audit
from maestro.content.message import Preview
from maestro.extensions import db
from maestro.lib import cleaner, quoted
from maestro.lib.errors import MaestroError, NotFound, WrongState
from maestro.lib.tongues import gettext as _
from maestro.mailing import compose, neutral
from maestro.models import MailJob

MOST = 200                                         # issues on one page
FED = 20                                           # issues in a feed
SUMMARY = 300                                      # characters of an issue's text in a feed
WORDS = 5                                          # words that a search looks for
ATOM = "http://www.w3.org/2005/Atom"


def of(list, search=""):
    """The public issues of a list, latest first; those whose subject or text has all words of `search`."""
    found = select(MailJob).where(MailJob.list_id == list.id, MailJob.public, MailJob.phase == "done")
    for word in search.split()[:WORDS]:
        parts = (part.icontains(word, autoescape=True) for part in (MailJob.subject, MailJob.text, MailJob.html))
        found = found.where(or_(*parts))
    return db.session.scalars(found.order_by(MailJob.started_at.desc()).limit(MOST)).all()


def by_month(issues):
    """[(first day of the month, issues)]."""
    months = groupby(issues, key=lambda job: job.started_at.date().replace(day=1))
    return [(month, [*jobs]) for month, jobs in months]


def issue(list, code):
    """One public issue by its Job ID. Raises NotFound."""
    job = db.session.scalar(select(MailJob).where(
        MailJob.code == code, MailJob.list_id == list.id, MailJob.public, MailJob.phase == "done"))
    if not job or not list.archive:
        raise NotFound(_("There is no such issue here."))
    return job


def publish(job, public, by):
    """Show a delivered job in the archive of its list, or take it out."""
    if not job.list or not job.list.archive:
        raise WrongState("The list of this job has no archive. Switch it on in the list's settings.")
    job.public = public
    audit.record("job.publish" if public else "job.unpublish", job, by)
    db.session.flush()


def rendered(job, place):
    """The issue's parts, its HTML cleaned. `place` is its own address: personal links lead there or to the sign-up."""
    joining = compose.frame(job).subscribe_url
    parts = neutral.rendered(job, {"u": joining, "p": joining, "f": place, "v": place})
    return Preview(parts.subject, cleaner.issue(parts.html) if parts.html else "", parts.text)


def subject(job):
    """The subject as nobody in particular sees it."""
    try:
        return neutral.rendered(job, dict.fromkeys(neutral.PERSONAL, "")).subject
    except MaestroError:
        return job.title


def entries(list, home):
    """(subject, address, time, text) of the latest issues, `home` being the archive's address."""
    for job in of(list)[:FED]:
        parts = rendered(job, f"{home}/{job.code}")
        text = " ".join(quoted.clean(parts.text).split())[:SUMMARY]
        yield quoted.clean(parts.subject), f"{home}/{job.code}", job.started_at.astimezone(UTC), text


def atom(list, title, home):
    """The feed as Atom (RFC 4287)."""
    feed = ElementTree.Element("feed", xmlns=ATOM)
    found = [*entries(list, home)]
    tell(feed, title=f"{list.name} · {title}", id=home, updated=stamp(found[0][2] if found else list.created_at))
    ElementTree.SubElement(feed, "link", rel="self", href=f"{home}/atom")
    ElementTree.SubElement(feed, "link", rel="alternate", href=home)
    tell(ElementTree.SubElement(feed, "author"), name=title)
    for name, url, at, text in found:
        entry = ElementTree.SubElement(feed, "entry")
        tell(entry, title=name, id=url, updated=stamp(at), summary=text)
        ElementTree.SubElement(entry, "link", href=url)
    return written(feed)


def rss(list, title, home):
    """The feed as RSS 2.0."""
    feed = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(feed, "channel")
    tell(channel, title=f"{list.name} · {title}", link=home, description=list.description or list.name)
    for name, url, at, text in entries(list, home):
        item = ElementTree.SubElement(channel, "item")
        tell(item, title=name, link=url, guid=url, pubDate=format_datetime(at), description=text)
    return written(feed)


def tell(parent, **texts):
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = text


def stamp(moment):
    return moment.isoformat(timespec="seconds")


def written(feed):
    return ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
