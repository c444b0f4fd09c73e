"""When a mailing is so large that a slip of the finger should not send it."""

from sqlalchemy import select

from maestro.extensions import db
from maestro.lib.wording import number
from maestro.models import MailJob

MANY = 10_000                                      # people above whom the number has to be typed
MORE = 1.2                                         # times the last mailing to the same list or dataset


def reason(job, people):
    """Why sending to so many must be confirmed by typing, in words; None where it need not."""
    if people > MANY:
        return f"This goes to more than {number(MANY)} people."
    before = last_mailing(job)
    if before and people > MORE * before.audience:
        last = f"“{before.title}”, which went to {number(before.audience)}"
        return f"This goes to many more people than the last mailing, {last}."
    return None


def last_mailing(job):
    """The job that went to the same list or dataset last, or None."""
    same = select(MailJob).where(MailJob.dataset_id == job.dataset_id, MailJob.list_id == job.list_id,
                                 MailJob.id != job.id, MailJob.audience > 0, MailJob.started_at.is_not(None))
    return db.session.scalar(same.order_by(MailJob.started_at.desc()).limit(1))
