"""How often jobs were opened and clicked by people; machines are left out."""

from sqlalchemy import BigInteger, Integer, cast, extract, func, select

from maestro.extensions import db
from maestro.models import Hit

PEOPLE = ("anonymous", "unique", "permission", "personal")      # kinds of tracking that tell one reader from another


def readers(job_ids, kind):
    """How many different people opened ("open") or clicked ("click"), by job."""
    mine = (Hit.job_id.in_(job_ids), Hit.kind == kind, Hit.machine.is_(False))
    counted = select(Hit.job_id, func.count(Hit.reader.distinct())).where(*mine).group_by(Hit.job_id)
    return dict(db.session.execute(counted).all())


def curve(job, steps=12, hours=4):
    """Opens in each of `steps` spans of `hours` since the job's start."""
    begun, span = int(job.started_at.timestamp()), hours * 3600
    step = cast((cast(extract("epoch", Hit.created_at), BigInteger) - begun) // span, Integer)
    mine = (Hit.job_id == job.id, Hit.kind == "open", Hit.machine.is_(False))
    counted = dict(db.session.execute(select(step, func.count()).where(*mine).group_by(step)).all())
    return [counted.get(number, 0) for number in range(steps)]
