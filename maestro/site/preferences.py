"""What members change about themselves: lists, how often they write, pauses, language, profile; and going for good."""

from datetime import timedelta

from maestro.lib import clock, tongues
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.models import FREQUENCIES
from maestro.site import consenting, letters, visiting
from maestro.warehouse import changes, members, subscriptions

BY = "subscriber"
HOW = "profile page"
PAUSES = (30, 90)                                  # days
REASONS = ("too_many", "not_relevant", "never_signed_up", "other")


def choose(site, row, wanted, ip, form):
    """Be on the lists `wanted` of those offered, and on no other one. Gives the names of those joined and left."""
    row, joined, left = settled(site, row, ip, wanted), [], []
    text = consenting.keep(site, consenting.wording(site, wanted))
    for list in site.dataset.lists:
        is_on = subscriptions.is_on(list, row)
        if list in wanted and list.shown and not is_on and not asks_more(list, row):
            row = members.bring(list, row, BY, cause="self", how="form", ip=ip)
            consenting.prove(list, row, HOW, ip, text, form, clock.now(), BY)
            joined.append(list)
        elif is_on and list not in wanted:
            subscriptions.leave(list, row, BY, cause="self", ip=ip, how=HOW)
            left.append(list)
    return joined, left


def asks_more(list, row):
    """Whether a list has questions of its own that this person has to answer first: then a tick is not enough."""
    return bool(members.lacking(list, members.joining([list], row, {})))


def settled(site, row, ip, wanted):
    """The member's row, confirmed: who was let in by a mailed link and chooses a list has answered for the address."""
    if row["state"] == "confirmed" or not wanted:
        return row
    known = {field.name: row[field.name] for field in site.dataset.fields}
    return members.add(site.dataset, row["address"], known, BY, cause="self", how="form", ip=ip)


def slow(list, row, frequency, ip):
    """Let a list write less often: at most weekly, or at most monthly."""
    place = subscriptions.get(list, row["id"])
    if frequency not in FREQUENCIES or not place or place.state != "confirmed":
        raise Refused(_("Choose one of the answers on the page."), "frequency")
    if place.frequency != frequency:
        tell("L", list.dataset, list, row, ip, frequency=[place.frequency, frequency])
        place.frequency = frequency


def pause(site, row, days, ip):
    """No mails for `days`, or (0) again from now on."""
    if days and days not in PAUSES:
        raise Refused(_("Choose one of the answers on the page."), "days")
    until = clock.now() + timedelta(days=days) if days else None
    account = visiting.account(site, row)
    tell("D", site.dataset, None, row, ip, paused_until=[moment(account.paused_until), moment(until)])
    account.paused_until = until
    visiting.keep(account)
    for place, _list in subscriptions.of(site.dataset, row["id"]):
        place.paused_until = until


def moment(at):
    return at and at.isoformat(timespec="seconds")


def speak(site, row, language, ip):
    """The language of the member's mails from the site, and of the pages behind them."""
    account = visiting.account(site, row)
    if language not in tongues.LANGUAGES:
        raise Refused(_("Choose one of the answers on the page."), "language")
    if account.language != language:
        tell("D", site.dataset, None, row, ip, language=[account.language, language])
        account.language = language
        visiting.keep(account)


def set_password(site, row, password, ip):
    """Give the member a password; the log says that, not which."""
    visiting.check_passwords(site)
    visiting.set_password(site, row, password)
    tell("D", site.dataset, None, row, ip, password=[None, None])


def tell(level, dataset, list, row, ip, **told):
    """A line of the change log about something that is no profile field; its name begins with a star."""
    named = {f"*{name}": pair for name, pair in told.items()}
    changes.record("UPD", level, dataset.id, list and list.id, row, "self", BY, named, ip=ip)


def say_why(site, row, reason):
    """Why somebody left: one word, kept with the places that he left last."""
    if reason not in REASONS:
        raise Refused(_("Choose one of the answers on the page."), "reason")
    for place, _list in subscriptions.of(site.dataset, row["id"]):
        if place.state == "left":
            place.reason = reason


def leave(site, row, ip):
    """Leave everything: all lists, and the dataset with profile and password."""
    language = visiting.account(site, row).language or tongues.current()
    members.remove(site.dataset, row, BY, cause="self", ip=ip)
    if site.greets:
        letters.goodbye(site, language, row["address"])
