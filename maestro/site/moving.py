"""Another address for the same person: confirmed at the new one, told to the old one."""

from sqlalchemy import update

from maestro.extensions import db
from maestro.lib import addresses
from maestro.lib.errors import NotFound
from maestro.lib.tongues import gettext as _
from maestro.site import knocks, letters, links, visiting
from maestro.warehouse import members, tables

BY = "subscriber"


def ask(site, row, address, ip, language):
    """Ask for the link that makes `address` the person's. The page says the same when it belongs to somebody else."""
    judged = addresses.judge(address)
    knocks.brake(ip)
    if judged.given != row["address"] and knocks.may_link(judged.key, "address"):
        links.ask(site, "address", judged, ip, member_id=row["id"], language=language)


def answer(site, link):
    """Mail the link to the new address, unless it belongs to another member or gets nothing from here."""
    other = members.find(site.dataset, link.address)
    if (other and other["id"] != link.member_id or members.is_held(site.dataset, link.address_key)
            or not knocks.may_reach(link.address_key)):
        db.session.delete(link)
        return
    letters.linked(site, link, links.arm(link))


def confirm(site, link, ip):
    """Make the new address the person's. Links in mails to the old one open nothing any more, and sessions end."""
    row = members.find_by_id(site.dataset, link.member_id)
    if not row or row["state"] not in visiting.HERE:
        raise NotFound(_("This link does not work any more. Ask for a new one."))
    if not links.take(link):
        return False
    members.change(site.dataset, row, {}, BY, cause="self", ip=ip, address=link.address)
    people = tables.table(site.dataset)
    db.session.execute(update(people).where(people.c.id == row["id"]).values(epoch=(row["epoch"] + 1) % 2**15))
    visiting.end_all(site, row)
    letters.moved(site, link.data["language"], row["address"], link.address)
    return True
