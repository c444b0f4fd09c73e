"""What a source said last time: a row that says the same of somebody whom nobody has changed since is passed over.

When a run is done, each row that its person equals by then is kept as a number, with that of the person, beside what
the run read and for as long. Whether somebody was changed since is what the change log says.
"""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import polars as pl
from sqlalchemy import func, or_, select, union_all

from maestro.accounts import settings
from maestro.exchange import judging, keeping, sources, styles, transform
from maestro.exchange.compare import Comparison
from maestro.exchange.expressions import analyse
from maestro.exchange.memory import Memory, Twofold
from maestro.exchange.missing import index_rejects
from maestro.exchange.styles import Style
from maestro.extensions import db, reading
from maestro.lib import addresses, clock
from maestro.models import Change, Field, ImportRun
from maestro.warehouse import changes, fields, rules, tables

ENDING = ".known"
MODES = ("add-update", "synchronise")
READ_BY = (addresses, fields, judging, rules, styles, transform)       # another version may read cells otherwise
OVER = ("done", "undone", "applying", "undoing")
MANY = 100_000                   # people changed since: with more, the source is compared as a whole
PAGE = 20_000                    # rows taken over at once


def begin(run):
    """What a run has to know of the last one into the same place, before it reads: as options of the run."""
    looking = run.options["dry_run"] or run.options.get("afresh")      # who looks at rows sees them compared
    with reading():
        last = last_run(run) if run.mode in MODES and not looking else None
        digest, known = rules_of(run), last and last.options.get("memory")
        whose = known and known["rules"] == digest and last.importer_id == run.importer_id and is_recent(last)
        seq = db.session.scalar(changes.numbered(func.max))
        db.session.commit()
    return {"memory": {"seq": seq or 0, "rules": digest, "after": last.id if whose else None}}


def last_run(run):
    """The last run that may have changed something in the list or dataset of this one."""
    place = ImportRun.dataset_id == run.dataset_id, ImportRun.list_id.is_not_distinct_from(run.list_id)
    touching = or_(ImportRun.state.in_(OVER), ImportRun.cursor > 0)
    return db.session.scalar(select(ImportRun).where(*place, touching, ImportRun.id != run.id).order_by(
        ImportRun.ended_at.desc().nulls_first()).limit(1).execution_options(populate_existing=True))


def is_recent(last):
    """Whether a run is done, and the change log still has everything that happened since it began."""
    days = settings.get("keep_changes")
    return last.state == "done" and (not days or last.started_at > clock.now() - timedelta(days=days - 1))


def rules_of(run):
    """By what the cells of a row become values, and which of them count, as a digest."""
    code = [hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest() for module in READ_BY]
    defined = [[str(getattr(field, column.key)) for column in Field.__table__.c] for field in run.dataset.fields]
    options = {name: run.options.get(name) for name in ("change", "clear", "key")}
    told = [pl.__version__, code, run.mapping, options, vars(Style.of(run.options)), sorted(defined)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def load(run):
    """What is known of the source, without the people of whom the change log tells something since."""
    with reading():
        last = db.session.scalar(select(ImportRun).where(ImportRun.id == run.options["memory"]["after"]))
        db.session.commit()
    paths = sorted(sources.folder().glob(f"{last.storage}{ENDING}*")) if last and last.storage else []
    touched = changed_since(last) if paths else []
    if not paths or len(touched) > MANY:
        return Memory()
    try:
        return keeping.read(paths, touched)
    except (OSError, keeping.Damaged):             # the first: gone this moment
        return Memory()


def changed_since(last):
    """The people about whom somebody else has written into the change log since the beginning of a run."""
    about = select(Change.member_id).where(Change.dataset_id == last.dataset_id,
                                           Change.run_id.is_distinct_from(last.id))
    found = union_all(about.where(Change.seq > last.options["memory"]["seq"]), about.where(Change.seq.is_(None)))
    with reading():
        people = db.session.scalars(select(found.subquery().c.member_id).distinct().limit(MANY + 1)).all()
        db.session.commit()
    return people


def refuse_twofold(run, staging, connection):
    """Raise Twofold where a staged row is about somebody who was passed over, or has his address or key."""
    people, same, stage = tables.table(run.dataset).c, staging.same.c, staging.stage.c
    analyse(connection, staging.same, "_member")
    analyse(connection, staging.stage, "address_key")
    for name in filter(None, ("address_key", staging.key_field)):
        staged = select(func.count(stage._line)).join(people.id.table, people[name] == stage[name])
        if connection.scalar(staged.join(same._member.table, same._member == people.id)):
            raise Twofold


def still_holds(run):
    """Whether no other run has gone into the same place since `begin`, if anything was passed over."""
    if not run.counts.get("same"):
        return True
    with reading():
        last = last_run(run)
        db.session.commit()
    return last is not None and last.id == run.options["memory"]["after"] and last.state == "done"


def keep(run, staging):
    """Remember the rows of a run that is done: those that were passed over, and those that its people equal now."""
    if run.mode not in MODES or "memory" not in run.options:       # an earlier version had none
        return
    with staging.work() as connection:
        index_rejects(connection, staging)
    with staging.work() as connection:
        found = union_all(select(staging.same.c._hash, staging.same.c._member), equal(run, staging, connection))
        rows = connection.execution_options(yield_per=PAGE).execute(found)
        pages = (pl.DataFrame(page, keeping.SCHEMA, orient="row") for page in rows.partitions())
        keeping.write(sources.path(run.storage, ENDING), pages)
    with reading():
        kept = db.session.scalar(select(ImportRun.storage).where(ImportRun.id == run.id))
        db.session.commit()
    if not kept:
        sources.forget(run.storage)


def equal(run, staging, connection):
    """The staged rows whose people are here and have exactly these values, whatever was to be left as it is."""
    facing, stage, rejects = Comparison(run, staging, connection), staging.stage.c, staging.rejects.c
    facing.overwrite, facing.since = True, None
    unnamed = [~select(rejects._line).where(rejects._key == stage.address_key).exists()]
    if staging.key_field:
        unnamed.append(~select(rejects._line).where(rejects._id == stage[staging.key_field]).exists())
    return select(stage._hash, facing.p.id).select_from(facing.joined).where(
        facing.is_here(), ~facing.is_unseen(), ~facing.any_differs(facing.shared + facing.own),
        func.lower(stage.address) == facing.p.address_key, *unnamed)
