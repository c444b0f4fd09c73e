"""Single finished messages: a test delivery, a password reset, a notice, the mails of a site.

Each is written down as handed over before it is. Where a crash or a lost line leaves a doubt, it stays in doubt: who
waits for a link asks for another one, and nobody gets a mail twice.
"""

import asyncio
from datetime import timedelta

from flask import current_app
from sqlalchemy import select, update

from maestro.background import task
from maestro.delivery import judge, outbox, servers
from maestro.delivery.safe import subject_of
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.smtp.failures import END, Failure
from maestro.lib.smtp.single import deliver
from maestro.models import Post

BATCH = 20                                         # messages that one process takes at once
LEASE = timedelta(minutes=11)                      # after that a message is due again whose taker died


def queue(group_id, kind, address, sender, raw):
    """Send a finished message as soon as the transaction is committed."""
    post = Post(group_id=group_id, kind=kind, address=address, sender=sender, raw=raw, next_at=clock.now())
    db.session.add(post)
    db.session.flush()
    deliver_due.later()
    return post


def due():
    """The work that waits, as the scheduler rings for it."""
    waiting = db.session.scalar(select(Post.id).where(Post.state.in_(["queued", "handed"]), *is_time()).limit(1))
    return [(deliver_due,)] if waiting else []


def is_time():
    return (Post.next_at <= clock.now(),)


def is_due():
    return Post.state == "queued", *is_time()


@task("other")
def deliver_due():
    """Send every message that is due, and leave the others for their time."""
    leave_in_doubt()
    route = servers.chosen(current_app.extensions["maestro"])
    while posts := take():
        if route:
            asyncio.run(send(route, posts))
        else:
            keep(posts)
        db.session.commit()


def take():
    """A few messages that nobody else will take for a while."""
    ids = db.session.scalars(select(Post.id).where(*is_due()).order_by(Post.id).limit(BATCH)
                             .with_for_update(skip_locked=True)).all()
    db.session.execute(update(Post).where(Post.id.in_(ids)).values(next_at=clock.now() + LEASE)
                       .execution_options(synchronize_session=False))
    db.session.commit()
    return db.session.scalars(select(Post).where(Post.id.in_(ids)).order_by(Post.id)
                              .execution_options(populate_existing=True)).all()


def leave_in_doubt():
    """Messages whose sender died while they were handed over."""
    db.session.execute(update(Post).where(Post.state == "handed", *is_time())
                       .values(state="doubtful", reply="the sender died").execution_options(synchronize_session=False))
    db.session.commit()


def keep(posts):
    for post in posts:
        outbox.keep(post.group_id, post.address, subject_of(post.raw), post.raw)
        settle(post, "sent", "kept in the Outbox")


async def send(route, posts):
    """Try each once, one after the other by one connection."""
    async for post, answer in deliver(route, handing(posts)):
        judged(post, answer)
        db.session.commit()


def handing(posts):
    """Each message with its envelope, written down as handed over; those that somebody else has taken are left out."""
    for post in posts:
        lease = clock.now() + LEASE
        ours = db.session.execute(
            update(Post).where(Post.id == post.id, Post.state == "queued", Post.next_at == post.next_at)
            .values(state="handed", next_at=lease).execution_options(synchronize_session=False)).rowcount
        db.session.commit()
        if ours:
            db.session.refresh(post)
            yield post, post.sender, post.address, post.raw


def judged(post, answer):
    """Book a reply of the server, or a failure."""
    if isinstance(answer, Failure):
        settle(post, "doubtful", answer.words) if answer.phase == END else put_off(post, answer.words)
        return
    outcome = judge.answered(answer, post.attempts)
    if outcome.state == judge.QUEUED:
        put_off(post, str(answer), outcome.wait)
    else:
        settle(post, "sent" if outcome.state == judge.ACCEPTED else "failed", str(answer))


def put_off(post, words, wait=None):
    """Later again, or never when patience is over."""
    post.attempts += 1
    wait = wait or judge.next_wait(post.attempts)
    if wait is None:
        settle(post, "failed", words)
    else:
        post.state, post.next_at, post.reply = "queued", clock.now() + timedelta(seconds=wait), words[:200]


def settle(post, state, words):
    post.state, post.reply = state, words[:200]
    post.sent_at = clock.now() if state == "sent" else None
    post.raw = b"" if state == "sent" else post.raw
