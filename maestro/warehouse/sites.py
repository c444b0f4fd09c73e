"""The subscriber site of a dataset: in which state it is, and which lists it offers."""

from sqlalchemy import func, select

from maestro import audit
from maestro.extensions import db
from maestro.lib import addresses
from maestro.lib.errors import NotFound, Refused
from maestro.lib.tongues import gettext as _
from maestro.models import SITE_STATES, Consent, ConsentText, HostedList, Site

SETTINGS = ("state", "is_closed", "title", "sender", "languages", "consent", "confirm_days", "passwords", "greets",
            "confirmed_opt_in", "domain")


def create(dataset):
    """Give a new dataset its site; it opens to subscribers only."""
    site = Site(dataset_id=dataset.id)
    db.session.add(site)
    db.session.flush()
    return site


def of(dataset):
    return db.session.scalar(select(Site).where(Site.dataset_id == dataset.id))


def by_key(key):
    """The site with this name in public addresses. Raises NotFound."""
    site = db.session.scalar(select(Site).where(Site.key == key))
    if not site:
        raise NotFound(_("There is nothing here. The address may be mistyped."))
    return site


def change(site, by, **values):
    """Set some of SETTINGS; what is not given stays."""
    check(site, values)
    for name, value in values.items():
        setattr(site, name, value)
    audit.record("site.change", site.dataset, by, parts=sorted(values))
    db.session.flush()


def check(site, values):
    if unknown := values.keys() - set(SETTINGS):
        raise ValueError(f"A site has no setting {', '.join(sorted(unknown))}.")
    if values.get("state", "open") not in SITE_STATES:
        raise Refused(f"A site is {', '.join(SITE_STATES)}.", "state")
    if not 1 <= values.get("confirm_days", 7) <= 30:
        raise Refused("A confirmation link works for 1 to 30 days.", "confirm_days")
    if "sender" in values:
        values["sender"] = values["sender"] and checked("sender", addresses.judge, values["sender"]).given
    if "domain" in values:
        values["domain"] = checked_domain(site, values["domain"])


def checked(field, check, value):
    try:
        return check(value)
    except Refused as refusal:
        raise Refused(refusal.sentence, field) from None


def checked_domain(site, text):
    """A host name that no other site has; None when it is empty."""
    if not (text or "").strip():
        return None
    name = checked("domain", addresses.judge, f"x@{text.strip()}").domain
    if db.session.scalar(select(Site.id).where(Site.domain == name, Site.id != site.id)):
        raise Refused("Another site has this host name.", "domain")
    return name


def wordings(site):
    """Every wording of the site's consent with how many agreed to it, latest first."""
    agreed = func.count(Consent.id)
    found = select(ConsentText, agreed).outerjoin(Consent, Consent.text_id == ConsentText.id)
    mine = found.where(ConsentText.dataset_id == site.dataset_id, ConsentText.field_id == 0).group_by(ConsentText)
    return db.session.execute(mine.order_by(ConsentText.version.desc())).all()


def offered(site):
    """The lists that anybody may join here."""
    return [list for list in site.dataset.lists if list.shown]


def list_by_key(site, key):
    """One of the site's lists by its public name, or None."""
    return db.session.scalar(select(HostedList).where(HostedList.key == key, HostedList.dataset_id == site.dataset_id))
