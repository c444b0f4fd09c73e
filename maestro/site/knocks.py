"""Limits of the public forms, counted in SQL under keyed hashes. They count what was asked, whoever is known here."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from flask import current_app
from sqlalchemy import delete, func, or_, select

from maestro.accounts.throttle import lock
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import TooMany
from maestro.lib.secrets import fingerprint
from maestro.lib.tongues import gettext as _
from maestro.models import Knock

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PER_ADDRESS = 3                                    # mails of a day to an address that nobody has confirmed, in all
PER_PLACE, PLACE_SPAN = 5, timedelta(minutes=10)   # forms sent from one address of the network
PER_LIST = 200                                     # sign-ups to a list in an hour, then they ask for a puzzle
LINKS_PER_HOUR = 3                                 # log-in links and such to one address
BLOCKED = timedelta(days=90)                       # after "this was not me"


def brake(ip):
    """Count a form sent from `ip` (of IPv6: its /64), or refuse it."""
    place = key("ip", network(ip))
    lock(place)
    found = count(place, PLACE_SPAN)
    if found >= PER_PLACE:
        raise TooMany(_("There were many requests from where you are. Wait ten minutes and try again."),
                      PLACE_SPAN.seconds)
    note(place)


def network(ip):
    try:
        address = ip_address(ip)
    except ValueError:
        return ip or "nowhere"
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else ip


def prefix(ip):
    """As much of an address of the network as a mail may tell: its /24, of IPv6 its /48."""
    try:
        return str(ip_network((ip, 24 if ip_address(ip).version == 4 else 48), strict=False))
    except ValueError:
        return "-"


def free(address_key, lists):
    """Those of `lists` for which a confirmation may be mailed to an address now; it is counted as mailed."""
    to = key("to", address_key)
    if is_shut(to, address_key):
        return []
    found = [list for list in lists if not count(key(f"to{list.id}", address_key), DAY)]
    if found:
        note(to, *(key(f"to{list.id}", address_key) for list in found), *(f"list:{list.id}" for list in found))
    return found


def may_reach(address_key):
    """Whether a mail of another kind may go to an address that nobody has confirmed; it is counted as mailed."""
    to = key("to", address_key)
    if is_shut(to, address_key):
        return False
    note(to)
    return True


def is_shut(to, address_key):
    """Whether an address has had its mails of today; nobody else counts on until this transaction ends."""
    lock(to)
    return is_blocked(address_key) or count(to, DAY) >= PER_ADDRESS


def may_link(address_key, purpose):
    """Whether a link of this purpose may be mailed to an address now; it is counted as mailed."""
    mark = key(purpose, address_key)
    lock(mark)
    if count(mark, HOUR) >= LINKS_PER_HOUR:
        return False
    note(mark)
    return True


def crowd(lists):
    """How many sign-ups beyond the ordinary the fullest of these lists had within the hour; 0 while all is ordinary."""
    return max([0, *(count(f"list:{list.id}", HOUR) - PER_LIST + 1 for list in lists)])


def block(address_key):
    """Who gets the mail did not ask for it: no more confirmations to this address for a while."""
    note(key("no", address_key))


def is_blocked(address_key):
    return count(key("no", address_key), BLOCKED) > 0


def is_first(mark, span):
    """Whether nothing was noted under this mark within `span`; it is noted now."""
    found = count(mark, span)
    note(mark)
    return not found


def count(mark, span):
    return db.session.scalar(select(func.count()).where(Knock.key == mark, Knock.at > clock.now() - span))


def note(*marks):
    db.session.add_all(Knock(key=mark, at=clock.now()) for mark in marks)
    db.session.flush()


def key(what, text):
    return f"{what}:{fingerprint(current_app.extensions['maestro'].SECRET_KEY, 'knock', text)}"


def tidy():
    """Forget what counts no more."""
    now = clock.now()
    lasting = or_(*(Knock.key.startswith(f"{what}:") for what in ("no", "again")))
    db.session.execute(delete(Knock).where(Knock.at < now - DAY, ~lasting))
    db.session.execute(delete(Knock).where(Knock.at < now - BLOCKED))
