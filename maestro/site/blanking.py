"""What an erasure leaves for later: logs and files in which the address still stands are blanked within minutes.

First the change log must be published and written back, mails on their way must have left, and imports must be over;
until then the erasure waits, its addresses sealed.
"""

from datetime import timedelta

from sqlalchemy import delete, select, update

from maestro.delivery import outbox
from maestro.exchange import imports, writebacks
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Change, Dataset, Erasure, Forward, Post, Recipient
from maestro.warehouse import barred, erasure, publishing, replay

PATIENCE = timedelta(days=1)                       # a mail or a write-back that stands for so long is given up


def blank_all():
    """Go through the erasures that are not finished. Run every minute; each is a transaction of its own."""
    replay.keep(db.session.scalars(select(Erasure).where(Erasure.sealed.is_not(None))))
    for number in db.session.scalars(select(Erasure.id).where(Erasure.sealed.is_not(None)).order_by(Erasure.id)).all():
        blank(db.session.get(Erasure, number))
        db.session.commit()
        clear_log_of_writes()


def blank(entry):
    """Blank what can be blanked now; the erasure is finished once nothing is left."""
    dataset, (member_id, keys) = db.session.get(Dataset, entry.dataset_id), erasure.opened(entry)
    told = erasure.entries(dataset.id, member_id, keys)
    unpublished = select(Change.id).where(told, Change.seq.is_(None)).limit(1)
    if db.session.scalar(unpublished) or is_young(entry) and writebacks.waits(dataset, told):
        return
    if not posts(dataset, entry, keys):
        return
    outbox.erase(dataset.group_id, keys)
    server_words(keys)
    is_done = imports.erase(dataset.id, keys)
    instead = f"ERASED-{entry.id}"
    db.session.commit()                            # the publisher has a session of its own, and SQLite one writer
    publishing.blank(told, instead)
    if is_done:
        entry.sealed = None


def is_young(entry):
    return entry.created_at > clock.now() - PATIENCE


def posts(dataset, entry, keys):
    """Forget single messages to these addresses. False while one of them is still to be sent."""
    mine = Post.group_id == dataset.group_id, Post.address.in_(spellings(dataset, keys))
    waiting = select(Post.id).where(*mine, Post.state == "queued").limit(1)
    if is_young(entry) and db.session.scalar(waiting):
        return False
    ids = db.session.scalars(select(Post.id).where(*mine)).all()
    db.session.execute(update(Forward).where(Forward.post_id.in_(ids)).values(post_id=None))
    db.session.execute(delete(Post).where(Post.id.in_(ids)))
    return True


def spellings(dataset, keys):
    """The addresses of single messages of the group that mean one of `keys`, as they are written there."""
    written = db.session.scalars(select(Post.address).where(Post.group_id == dataset.group_id).distinct())
    return [address for address in written if address.lower() in keys]


def server_words(keys):
    """Answers of mail servers that came after the erasure; they like to repeat the address."""
    marked = [barred.MARK + barred.hashed(key) for key in keys]
    db.session.execute(update(Recipient).where(Recipient.address_key.in_(marked)).values(reply=None)
                       .execution_options(synchronize_session=False))


def clear_log_of_writes():
    """SQLite keeps what was written lately beside the database; begin that file anew where nobody reads in it."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
