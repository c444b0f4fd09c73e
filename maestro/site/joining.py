"""Signing up: asked for on the page, confirmed from the mail, true only then."""

from datetime import timedelta

from sqlalchemy import select, update

from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.models import MailedLink
from maestro.site import consenting, knocks, letters, links, unconfirmed
from maestro.site.signup import dataset_of, lists_of, restored, site_of, stored
from maestro.warehouse import consents, members, subscriptions

BY = "subscriber"
SLOW = timedelta(minutes=10)                       # an unproven sign-up in a crowd waits so long, and longer by each
SLOWEST = timedelta(hours=12)


def ask(site, lists, address, values, ip, language, form, how="form", proven=True):
    """Ask for the confirmation of a sign-up: `values` are parsed, by field name; `form` is where it was asked.

    Gives nothing back: neither answer nor time may tell who is known here. `proven`: the puzzle was solved, if any.
    """
    judged = addresses.judge(address)
    if not lists:
        raise Refused(_("Choose at least one list."), "list")
    knocks.brake(ip)
    crowd = knocks.crowd(lists)
    wanted = knocks.free(judged.key, lists)
    text = consenting.keep(site, consenting.wording(site, lists))
    if not wanted:
        return
    if crowd == 1:
        letters.crowded(site, lists)
    delay = min(SLOW * crowd, SLOWEST) if crowd and not proven else timedelta()
    links.ask(site, "join", judged, ip, delay=delay, lists=[list.id for list in wanted],
              values=stored(site.dataset, values), text=text.id, form=form, how=how, language=language,
              agreed=consents.agreed(site.dataset, values))


def answer(link):
    """Write the mail that an asked sign-up leads to: a confirmation, or for who is on all its lists already, a hint."""
    site, row = site_of(link), members.find(dataset_of(link), link.address)
    if members.is_held(site.dataset, link.address_key) or not lists_of(link):
        db.session.delete(link)
        return
    if row and row["state"] == "confirmed" and all(subscriptions.is_on(list, row) for list in lists_of(link)):
        letters.known(site, link, row)
        db.session.delete(link)
        return
    if not row and not site.confirmed_opt_in:
        link.mailed_at = clock.now()
        confirm(link, link.ip)
        return
    unconfirmed.note(link, row)
    letters.confirmation(site, link, links.arm(link), lists_of(link))


def confirm(link, ip):
    """Make true what the form asked for; a repeat changes nothing.

    Gives what could not be kept, as sentences, or None when it was done before, or is over.
    """
    if not links.take(link):
        return None
    site, dataset, how = site_of(link), dataset_of(link), link.data["how"]
    row, agreed = members.find(dataset, link.address), link.data.get("agreed")
    is_here = bool(row and row["state"] == "confirmed")
    values, unkept = kept(dataset, members.joining(lists_of(link), row, restored(dataset, link.data["values"])), row)
    if is_here:
        given = {name: value for name, value in values.items() if value is not None}
        row = members.change(dataset, row, given, BY, cause="self", ip=ip, agreed=agreed)
    else:
        row = members.add(dataset, link.address, values, BY, cause="self", how=how, ip=ip, agreed=agreed)
    joined = [list for list in lists_of(link) if not subscriptions.is_on(list, row)]
    for list in joined:
        subscriptions.join(list, row, BY, cause="self", how=how, ip=ip)
    text = consenting.text(link.data["text"])
    for list in joined:
        consenting.prove(list, row, how, ip, text, link.data["form"], link.created_at, BY)
        if not is_here:                            # a change has noted it
            consents.note(dataset, row, values, "self", BY, how, ip, list_id=list.id, agreed=agreed)
    use_up_siblings(link)
    if site.greets and joined:
        letters.welcome(site, link.data["language"], row, joined)
    return unkept


def kept(dataset, values, row):
    """The values without those that have come to be refused since the form was sent, and the sentences about these.

    A key that somebody else has by now is no reason to lose a subscriber.
    """
    parents, sentences = {field.name: field.parent for field in dataset.fields}, []
    while True:
        try:
            members.refuse_unfit(dataset, values, row)
            return values, sentences
        except Refused as refusal:
            name = refusal.field if refusal.field in values else parents[refusal.field]
            values = {other: value for other, value in values.items() if other != name}
            sentences.append(refusal.sentence)


def use_up_siblings(link):
    """Earlier mails for the same lists, such as the one before a reminder, are answered with this one."""
    same = select(MailedLink).where(
        MailedLink.dataset_id == link.dataset_id, MailedLink.purpose == "join", MailedLink.used_at.is_(None),
        MailedLink.address_key == link.address_key)
    for other in db.session.scalars(same):
        if set(other.data["lists"]) <= set(link.data["lists"]):
            other.used_at = clock.now()


def refuse(link):
    """Whoever reads the address did not sign up: nothing comes of it, and no more such mails for 90 days."""
    knocks.block(link.address_key)
    db.session.execute(update(MailedLink).where(
        MailedLink.address_key == link.address_key, MailedLink.purpose == "join", MailedLink.used_at.is_(None))
        .values(used_at=clock.now()).execution_options(synchronize_session=False))
    unconfirmed.forget(dataset_of(link), [link.address_key])


def again(link, ip):
    """A new mail in place of one that is over, under the same limits."""
    site, judged = site_of(link), addresses.judge(link.address)
    knocks.brake(ip)
    if wanted := knocks.free(judged.key, lists_of(link)):
        links.ask(site, "join", judged, ip, **{**link.data, "lists": [list.id for list in wanted]})

