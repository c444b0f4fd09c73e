"""Forward to a friend: a copy of a mail without anything personal in it, sent on in the name of its reader.

Nobody is signed up by it, and the friend's address is kept for a day at most (safety: a form that makes strangers
send mail must not become a relay).
"""

import re
from datetime import timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, select, update

from maestro.delivery import post
from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.errors import NotFound, Refused
from maestro.lib.secrets import fingerprint
from maestro.lib.tongues import gettext as _
from maestro.models import Forward, ForwardRefusal, Hit, MailJob, Post, Recipient, Suppression
from maestro.site import friendly
from maestro.warehouse import restriction

AT_ONCE, IN_ALL = 5, 10                            # friends of one form, and of one mail's link ever
PAUSE = timedelta(days=30)                         # between two such mails to one address, whoever sends them
KEPT = timedelta(days=1)                           # how long a friend's address is stored
NOTE, NAME = 300, 60                               # characters
REFUSING = 1                                       # epoch of a token by which a friend refuses more

_address = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|www\.|\b[\w-]+\.(?:[a-z]{2,24})\b(?:[/?#:]|$|\s)|@", re.IGNORECASE)


class Reader(NamedTuple):
    """Who forwards: a line of a job's ledger."""

    job: MailJob
    number: int


class Wish(NamedTuple):
    """What a reader asks for: judged addresses, his name, and a few words to go with the mail."""

    friends: list
    name: str
    note: str


def find(token):
    """The reader whom a token of kind `f` names. Raises NotFound when nothing can be forwarded by it."""
    job, number = db.session.get(MailJob, token.id >> 32), token.id & 0xFFFFFFFF
    if not job or not db.session.get(Recipient, (job.id, number)):
        raise NotFound(_("This mail cannot be forwarded any more."))
    if job.list and not job.list.forwards:
        raise NotFound(_("Mails of this list are not forwarded by us."))
    return Reader(job, number)


def wish(friends, name, note):
    """The checked wish. `friends`: what was typed, one address each."""
    judged = {}
    for text in filter(None, map(str.strip, friends)):
        address = addresses.judge(text)
        judged[address.key] = address
    if not judged:
        raise Refused(_("Give the address of at least one friend."), "friends")
    if len(judged) > AT_ONCE:
        raise Refused(_("Give at most %(most)s addresses at a time.", most=AT_ONCE), "friends")
    return Wish(list(judged.values()), words(name, NAME, "name"), words(note, NOTE, "note"))


def words(text, most, field):
    """Plain words of a stranger, which must not advertise anything."""
    text = " ".join(text.split()) if field == "name" else text.strip()
    if field == "name" and not text:
        raise Refused(_("Give your name, so that your friends know who sends this."), field)
    if len(text) > most:
        raise Refused(_("This may have at most %(most)s characters.", most=most), field)
    if _address.search(text):
        raise Refused(_("Web and mail addresses cannot stand here."), field)
    return text


def left(reader):
    """To how many more friends this mail may go."""
    used = select(func.count()).where(Forward.job_id == reader.job.id, Forward.number == reader.number)
    return max(0, IN_ALL - db.session.scalar(used))


def send(reader, wish):
    """Send the mail on. Friends who may not get it are passed over in silence: nobody learns who is known here."""
    lock(reader)
    if len(wish.friends) > left(reader):
        raise Refused(_("This mail goes to %(most)s friends in all. Give fewer addresses.", most=IN_ALL), "friends")
    for friend in wish.friends:
        entry = Forward(job_id=reader.job.id, number=reader.number, friend=hashed(friend.key))
        is_free = may_write_to(reader.job, friend)
        db.session.add(entry)
        db.session.flush()
        if is_free:
            raw = friendly.letter(reader.job, friend.given, wish.name, wish.note, refusal_link(entry))
            entry.post_id = post.queue(reader.job.group_id, "forward", friend.given, reader.job.from_address, raw).id
    count(reader)
    db.session.flush()


def lock(reader):
    """Two forms sent at once count one after the other."""
    db.session.execute(select(Recipient.number).where(
        Recipient.job_id == reader.job.id, Recipient.number == reader.number).with_for_update())


def count(reader):
    """For the reports; by whom only where tracking is personal."""
    number = reader.number if reader.job.tracking == "personal" else 0
    db.session.add(Hit(job_id=reader.job.id, kind="forward", reader=number))


def may_write_to(job, friend):
    """Whether a friend has neither refused nor had such a mail lately, and is not kept from mail otherwise."""
    friend_hash, key = hashed(friend.key), friend.key
    refused = select(ForwardRefusal.id).where(ForwardRefusal.friend == friend_hash)
    lately = select(Forward.id).where(Forward.friend == friend_hash, Forward.created_at > clock.now() - PAUSE)
    held = select(Suppression.id).where(Suppression.address_key == key, restriction.counts_for(job.group_id))
    return not any(db.session.scalar(found.limit(1)) for found in (refused, lately, held))


def hashed(key):
    return fingerprint(current_app.extensions["maestro"].SECRET_KEY, "forward/friend", key)


def refusal_link(entry):
    config, maker = current_app.extensions["maestro"], current_app.extensions["tokens"]
    return f"{config.public_url}/f/{maker.mint('f', entry.id, REFUSING)}"


def sent_on(token):
    """The job whose mail a friend got, by his token; None when there is no such mail."""
    entry = db.session.get(Forward, token.id)
    return entry and db.session.get(MailJob, entry.job_id)


def refuse(token):
    """The friend of a token wants no such mail ever again, from anybody here. A repeat changes nothing."""
    entry = db.session.get(Forward, token.id)
    if not entry:
        raise NotFound(_("This link leads to nobody here."))
    if not db.session.scalar(select(ForwardRefusal.id).where(ForwardRefusal.friend == entry.friend)):
        db.session.add(ForwardRefusal(friend=entry.friend))
    db.session.flush()


def friends_of(job):
    """To how many friends a job's mails were forwarded."""
    return db.session.scalar(select(func.count()).where(Forward.job_id == job.id))


def tidy():
    """Forget the addresses of friends after a day; the mails were sent, or never will be."""
    old = select(Forward.post_id).where(Forward.post_id.is_not(None), Forward.created_at < clock.now() - KEPT)
    db.session.execute(
        update(Post).where(Post.id.in_(old)).values(address="", raw=b"", state="sent")
        .execution_options(synchronize_session=False))
    db.session.execute(
        update(Forward).where(Forward.created_at < clock.now() - KEPT).values(post_id=None)
        .execution_options(synchronize_session=False))
    db.session.commit()
