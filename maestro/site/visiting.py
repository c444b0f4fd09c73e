"""Members on the site: let in by a mailed link or a password, known by a cookie for an hour."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select

from maestro.accounts import passwords, throttle
from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.errors import Refused
from maestro.lib.secrets import digest
from maestro.lib.tongues import gettext as _
from maestro.models import Account, MemberSession
from maestro.site import knocks, letters, links
from maestro.warehouse import members

HERE = ("confirmed", "unconfirmed")
LASTS = timedelta(hours=1)


def ask(site, purpose, address, ip, language):
    """Ask for a link to log in, or to set a password. The same happens whether the address is known or not."""
    judged = addresses.judge(address)
    knocks.brake(ip)
    if knocks.may_link(judged.key, purpose):
        links.ask(site, purpose, judged, ip, language=language)


def ask_again(site, row, ip, language):
    """Mail a link to log in to the address on file, asked for by its bearer's other link."""
    if knocks.may_link(row["address_key"], "log_in"):
        links.ask(site, "log_in", addresses.judge(row["address"]), ip, member_id=row["id"], language=language)


def answer(site, link):
    """Mail the link that was asked for, if a member has this address; else forget that it was asked."""
    row = members.find(site.dataset, link.address)
    if not row or link.purpose == "password" and not site.passwords or not may_mail(row):
        db.session.delete(link)
        return
    link.member_id = row["id"]
    link.data = {**link.data, "language": account(site, row).language or link.data["language"]}
    letters.linked(site, link, links.arm(link))


def may_mail(row):
    """Whether what somebody asked for may be mailed to a member; to who never confirmed go only so many mails."""
    return row["state"] == "confirmed" or row["state"] in HERE and knocks.may_reach(row["address_key"])


def proves(site, address, password, ip):
    """The member whose password this is, or None. The try is counted; the caller commits before it looks further."""
    row = members.find(site.dataset, address)
    known = row and row["state"] in HERE
    stored = account(site, row).password_hash if known else None
    return row if passwords.matches(stored, password) and known else None


def count_try(site, address, ip):
    throttle.take("site", f"{site.id} {address.strip().lower()}", ip)


def forgive(site, address, ip):
    throttle.forgive("site", f"{site.id} {address.strip().lower()}", ip)


def set_password(site, row, password):
    """Give a member a password. Every session of his ends."""
    passwords.judge(password, (row["address"], site.title, site.dataset.name))
    mine = account(site, row)
    mine.password_hash = passwords.hashed(password)
    keep(mine)
    end_all(site, row)


def account(site, row):
    """What a member has here besides the profile; an empty one, not kept yet, when there is none."""
    found = db.session.scalar(select(Account).where(
        Account.dataset_id == site.dataset_id, Account.member_id == row["id"]))
    return found or Account(dataset_id=site.dataset_id, member_id=row["id"], language="")


def keep(account):
    db.session.add(account)
    db.session.flush()


def start(site, row):
    """Open a session; gives the token for the cookie."""
    token = secrets.token_urlsafe(32)
    db.session.add(MemberSession(dataset_id=site.dataset_id, member_id=row["id"], hash=digest(token),
                                 epoch=row["epoch"], ends_at=clock.now() + LASTS))
    db.session.flush()
    return token


def read(site, token):
    """The row of the member whose session a cookie opens, or None."""
    found = db.session.scalar(select(MemberSession).where(
        MemberSession.hash == digest(token or ""), MemberSession.dataset_id == site.dataset_id,
        MemberSession.ends_at > clock.now()))
    row = found and members.find_by_id(site.dataset, found.member_id)
    return row if row and row["state"] in HERE and row["epoch"] == found.epoch else None


def end(token):
    db.session.execute(delete(MemberSession).where(MemberSession.hash == digest(token or "")))


def end_all(site, row):
    db.session.execute(delete(MemberSession).where(
        MemberSession.dataset_id == site.dataset_id, MemberSession.member_id == row["id"]))


def check_passwords(site):
    if not site.passwords:
        raise Refused(_("This site works without passwords."))


def tidy():
    db.session.execute(delete(MemberSession).where(MemberSession.ends_at < clock.now()))
