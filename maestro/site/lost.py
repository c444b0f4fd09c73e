"""Whole unsubscribe links for who holds a broken one: mailed to the address that he types, by every site that knows it.

A broken link does not say whose it is, and the page must not tell who is known here. So the form writes down the same
for every address, and a worker finds out the rest.
"""

from sqlalchemy import select

from maestro.extensions import db
from maestro.lib import addresses
from maestro.mailing import leaving
from maestro.models import Site
from maestro.site import knocks, letters, links, visiting
from maestro.warehouse import members, subscriptions

PURPOSE = "leave"


def ask(address, ip, language):
    """Ask every site for links by which the reader of an address leaves."""
    judged = addresses.judge(address)
    knocks.brake(ip)
    if knocks.may_link(judged.key, PURPOSE):
        for site in db.session.scalars(select(Site).order_by(Site.id)).all():
            links.ask(site, PURPOSE, judged, ip, language=language)


def answer(site, link):
    """Mail the links to a member who gets mail from here; the request is done with either way."""
    row = members.find(site.dataset, link.address)
    if row and not members.is_held(site.dataset, link.address_key) and visiting.may_mail(row):
        language = visiting.account(site, row).language or link.data["language"]
        mine = [(place, list) for place, list in subscriptions.of(site.dataset, row["id"]) if place.state in leaving.ON]
        letters.whole_links(site, language, row, mine)
    db.session.delete(link)
