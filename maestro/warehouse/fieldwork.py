"""Changes of fields that take long with many people: put down with the dataset, and done by a worker slice by slice.

Nothing rests on who does it: each slice locks the dataset's row, and is one transaction with its place in it.
`Dataset.work`: kind, field, label and what is wanted; state (queued, working, done, failed), place, done, total and
problem.
"""

import time
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from maestro.background import stopping, task
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import MaestroError, Refused, WrongState
from maestro.models import Dataset, Field, HostedList, User
from maestro.warehouse import derived, fields, retyping, tables, uses

MANY = 50_000                                      # people, above which nobody waits for a page
AGAIN = timedelta(seconds=5)                       # until work that has to wait for others is tried again
MARGIN = timedelta(minutes=5)                      # by which the clocks of two machines may differ
PAUSE = 0.01                                       # seconds in which others write


def is_large(dataset):
    """Whether changes of its fields are work for the background."""
    people = tables.table(dataset, [])
    some = select(people.c.id).limit(MANY + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) > MANY


def is_slow(dataset):
    """The same for a computed column, which only PostgreSQL writes down person by person."""
    return tables.schema() is not None and is_large(dataset)


def retype(dataset, field, type, by, choices=(), empty=False):
    """Begin to give a field another type."""
    uses.refuse_at_work(dataset.id)
    trial, verdict = retyping.check(dataset, field, type, choices, empty)
    begin(dataset, "retype", field.label, by, field=field.id, type=type, choices=trial.choices, empty=empty,
          total=verdict.total)


def derive(dataset, label, formula, by, list=None, name=None, help=""):
    """Begin to make a field whose values follow from others."""
    uses.refuse_at_work(dataset.id)
    derived.understood(dataset, formula, list)
    label = fields.check_label(label)
    name = fields.check_new(dataset, label, name)
    begin(dataset, "derive", label, by, formula=formula, name=name, list=list and list.id, help=help)


def rederive(dataset, field, formula, by, list=None):
    """Begin to let a field follow from another formula."""
    uses.refuse_at_work(dataset.id)
    derived.check_change(dataset, field, formula, list)
    begin(dataset, "rederive", field.label, by, field=field.id, formula=formula, list=list and list.id)


def begin(dataset, kind, label, by, total=0, **wanted):
    """Put a work down; of two who try at once, one is refused."""
    now = clock.now()
    work = {"kind": kind, "label": label, "by": getattr(by, "id", None), "begun": now.isoformat(), "state": "queued",
            "place": 0, "done": 0, "total": total, "problem": "", **wanted}
    begun = db.session.execute(update(Dataset).where(Dataset.id == dataset.id, Dataset.work_at.is_(None)).values(
        work=work, work_at=now)).rowcount
    db.session.refresh(dataset)
    if not begun:
        uses.refuse_at_work(dataset.id)
    do_field_work.later(dataset.id)


def due():
    """The work that waits for a worker."""
    return [(do_field_work, number) for number in db.session.scalars(
        select(Dataset.id).where(Dataset.work_at <= clock.now()))]


@task("import")
def do_field_work(dataset_id):
    """Take a dataset's work to its end, or as far as others let it come."""
    while not stopping.is_set() and go_on(dataset_id):
        time.sleep(PAUSE)


def go_on(dataset_id):
    """One transaction of a work; says whether there is more to do now."""
    locked = select(Dataset).where(Dataset.id == dataset_id, Dataset.work_at.is_not(None)).with_for_update(
        skip_locked=True, key_share=True, of=Dataset)
    dataset = db.session.scalar(locked.execution_options(populate_existing=True))
    if not dataset:
        db.session.rollback()
        return False
    try:
        STEPS[dataset.work["kind"], dataset.work["state"]](dataset, dataset.work)
    except WrongState as refusal:
        put_off(dataset_id, refusal.sentence)
        return False
    except MaestroError as refusal:
        give_up(dataset_id, refusal.sentence)
        return False
    db.session.commit()
    return dataset.work_at is not None


def note(dataset, **values):
    dataset.work = {**dataset.work, **values}


def end(dataset, state, problem=""):
    note(dataset, state=state, problem=problem)
    dataset.work_at = None


def put_off(dataset_id, problem):
    """Try again later what has to wait for a delivery or an import."""
    db.session.rollback()
    dataset = db.session.get(Dataset, dataset_id)
    note(dataset, problem=problem)
    dataset.work_at = clock.now() + AGAIN
    db.session.commit()


def give_up(dataset_id, problem):
    """End a work that cannot be done; the field stays as it was."""
    db.session.rollback()
    dataset = db.session.get(Dataset, dataset_id)
    if dataset.work["kind"] == "retype" and dataset.work["state"] == "working":
        retyping.drop_column(dataset, trial(dataset.work))
    end(dataset, "failed", problem)
    db.session.commit()


def trial(work):
    """The field as it will be."""
    name = db.session.scalar(select(Field.name).where(Field.id == work["field"]))
    return Field(name=name, label=work["label"], type=work["type"], choices=work["choices"], rules={})


def start_retyping(dataset, work):
    retyping.add_column(dataset, trial(work))
    note(dataset, state="working")


def go_on_retyping(dataset, work):
    """A page of values; after the last one the new column takes its place."""
    field, new = db.session.get(Field, work["field"]), trial(work)
    if moved := retyping.fill(dataset, field, new, work["place"]):
        note(dataset, place=moved[-1], done=work["done"] + len(moved))
    else:
        finish_retyping(dataset, work, field, new)


def finish_retyping(dataset, work, field, new):
    """Nobody writes to the people meanwhile."""
    retyping.refuse_busy(dataset, field)
    uses.refuse_needed(dataset, field)
    tables.lock(dataset)
    unfit = retyping.catch_up(dataset, field, new, datetime.fromisoformat(work["begun"]) - MARGIN)
    if unfit and not work["empty"]:
        raise Refused(f"{unfit:,} values that came meanwhile do not fit. Nothing was changed.", "type")
    retyping.settle(dataset, field, new, author(work), unfit)
    end(dataset, "done")


def announce(dataset, work):
    """What takes long begins after it is known to be at work."""
    note(dataset, state="working")


def make_derived(dataset, work):
    derived.create(dataset, work["label"], work["formula"], author(work), list_of(work), work["name"], work["help"])
    end(dataset, "done")


def change_derived(dataset, work):
    derived.change(dataset, db.session.get(Field, work["field"]), work["formula"], author(work), list_of(work))
    end(dataset, "done")


def list_of(work):
    return db.session.get(HostedList, work["list"]) if work["list"] else None


def author(work):
    return db.session.get(User, work["by"]) if work["by"] else "command line"


STEPS = {("retype", "queued"): start_retyping, ("retype", "working"): go_on_retyping,
         ("derive", "queued"): announce, ("derive", "working"): make_derived,
         ("rederive", "queued"): announce, ("rederive", "working"): change_derived}
