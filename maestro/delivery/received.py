"""Which mails went to one person, as far as jobs keep names."""

from datetime import UTC, datetime

from sqlalchemy import select

from maestro.extensions import db
from maestro.lib import addresses
from maestro.models import MailJob, Recipient
from maestro.warehouse import barred

JOBS = 50                                          # the last ones are looked through


def of(dataset, row, history=()):
    """The last mails to the person in `row`, latest first: [(job, state, moment or None)].

    `history`: the person's change-log entries, by which mails to an address of before are found too.
    """
    started = select(MailJob.id).where(MailJob.dataset_id == dataset.id, MailJob.started_at.is_not(None))
    jobs = db.session.scalars(started.order_by(MailJob.id.desc()).limit(JOBS)).all()
    known = {row["address_key"], *(addresses.key(entry.old_address) for entry in history if entry.old_address)}
    hashed = {barred.MARK + barred.hashed(key) for key in known}         # in ledgers whose addresses are forgotten
    found = select(MailJob, Recipient.state, Recipient.done_at, Recipient.handed_at).join(
        Recipient, Recipient.job_id == MailJob.id)
    mine = found.where(Recipient.job_id.in_(jobs), Recipient.member_id == row["id"],
                       Recipient.address_key.in_(known | hashed)).order_by(MailJob.id.desc())
    return [(job, state, moment(done or handed)) for job, state, done, handed in db.session.execute(mine)]


def moment(seconds):
    return seconds and datetime.fromtimestamp(seconds, UTC)
