"""What people agree to when they sign up: the wording that is shown, kept word by word, and the proof of it."""

from sqlalchemy import select

from maestro.extensions import db
from maestro.lib import tongues
from maestro.lib.tongues import gettext as _
from maestro.models import ConsentText
from maestro.warehouse import changes, consents


def wording(site, lists):
    """What is shown beside the box for these lists: their own words, else the site's, else an ordinary sentence."""
    usual = site.consent or usual_words()
    return "\n\n".join(dict.fromkeys(list.consent or usual for list in lists)) or usual


def usual_words():
    return _("I want the mails of the lists that I have chosen at this address. I can leave at any time.")


def keep(site, text):
    """The row of this wording; a new one gets the next version number."""
    known = kept(site, text)
    if not known:
        consents.in_turn(site.dataset_id)          # somebody else may have written the same one down just now
        known = kept(site, text) or consents.write_down(site.dataset_id, 0, text, tongues.current())
    return known


def kept(site, text):
    return db.session.scalar(select(ConsentText).where(
        ConsentText.dataset_id == site.dataset_id, ConsentText.field_id == 0, ConsentText.text == text).limit(1))


def prove(list, row, how, ip, text=None, form="", asked_at=None, by=None):
    """Store that a person consented to a list's mails, and tell the change log the wording's version."""
    consents.prove(list.dataset_id, list.id, row, True, how, ip, text, form=form, asked_at=asked_at)
    told = {"*consent": [None, text.version]} if text else None
    changes.record("CON", "L", list.dataset_id, list.id, row, "self", by, told, ip=ip)


def text(text_id):
    return text_id and db.session.get(ConsentText, text_id)
