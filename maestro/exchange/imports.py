"""What a user does with an import: begins it, sets its rules, starts it, looks, and applies or cancels it."""

import time
from datetime import timedelta

from sqlalchemy import String, cast, select, update

from maestro import audit
from maestro.exchange import findings, holding, opening, rules, sources, undoing
from maestro.exchange.holding import free
from maestro.exchange.running import load, run_import
from maestro.exchange.staging import Staging
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.lib.tabular.dialect import Dialect
from maestro.lib.tabular.read import guess
from maestro.models import Importer, ImportRun
from maestro.warehouse import changes

KEEP = timedelta(days=7)         # for which a run's file and lists can be looked at
RUNNING = holding.ACTIVE
OVER = ("done", "failed", "cancelled", "undone")
STOPPABLE = ("draft", "queued", "fetching", "checking", "staged", "needs_review")


def create(dataset, list, key, file_name, by):
    """Begin an import of the stored file `key` into a dataset or one list of it: a draft, with everything guessed."""
    path = sources.path(key)
    run = ImportRun(
        dataset_id=dataset.id, dataset=dataset, list_id=list and list.id, list=list, user_id=getattr(by, "id", None),
        storage=key, file_name=file_name[:255], format=guess(path).as_dict(), counts={}, mode="add-update",
        options={"actor": changes.actor(by)})
    rules.guess(run)
    db.session.add(run)
    db.session.flush()
    audit.record("import.create", run, by, file=run.file_name, mode=run.mode)
    return run


def ask(dataset, list, connection, query, look, by, attributes=""):
    """Begin an import of the answer to `query`, of which `look` are the first rows: a draft, nothing else is kept."""
    source = {"kind": "ldap" if connection.kind == "ldap" else "database", "connection": connection.id, "query": query,
              "attributes": attributes}
    run = ImportRun(
        dataset_id=dataset.id, dataset=dataset, list_id=list and list.id, list=list, user_id=getattr(by, "id", None),
        storage=sources.new_key(), file_name=connection.name, format=opening.kept(look), counts={}, mode="add-update",
        source=source, options={"actor": changes.actor(by)})
    rules.guess(run)
    db.session.add(run)
    db.session.flush()
    audit.record("import.create", run, by, file=run.file_name, mode=run.mode)
    return run


def set_format(run, format, by):
    """Read the file another way; mapping and style are guessed anew."""
    check_draft(run)
    run.format = Dialect.of(format).as_dict()
    rules.guess(run)
    audit.record("import.rules", run, by, mode=run.mode)


def set_rules(run, given, mode, options, by):
    """Say what goes where and how. `given` is {field: column}; without "address" the guessed column stays."""
    check_draft(run)
    rules.set_rules(run, given, mode, options)
    audit.record("import.rules", run, by, mode=mode)


def check_draft(run):
    if run.state != "draft":
        raise WrongState("This import has been started; its rules stay as they are.")


def start(run, dry_run, by):
    """Let the import run: to its end, or only up to the check (`dry_run`)."""
    if "address" not in run.mapping:
        raise Refused("Choose the column that holds the addresses.", "address")
    move(run, ("draft",), "queued", options={**run.options, "dry_run": dry_run})
    audit.record("import.start", run, by, mode=run.mode, dry_run=dry_run)
    run_import.later(run.id)


def apply(run, by):
    """Apply what the check has shown. It is checked again first, for the lists may have changed."""
    move(run, ("staged",), "checking", options={**run.options, "dry_run": False})
    audit.record("import.apply", run, by, mode=run.mode, rows=run.total)
    run_import.later(run.id)


def release(run, by):
    """Let a run go on that the guard has stopped."""
    go_on(run, by)


def spare(run, by):
    """Let it go on without its removals: who is missing from the source stays, and the next run asks again."""
    if run.mode != "synchronise":
        raise WrongState("Only a run that synchronises can leave its removals out.")
    go_on(run, by, spare=True)


def go_on(run, by, **options):
    options = {**run.options, "dry_run": False, "released": True, **options}
    move(run, ("needs_review", "staged"), "checking", options=options)
    audit.record("import.release", run, by, mode=run.mode, rows=run.total)
    run_import.later(run.id)


def cancel(run, by):
    """Stop an import of which nothing is in yet."""
    move(run, STOPPABLE, "cancelled", ended_at=clock.now(), lease_until=None)
    db.session.execute(free(run.id))
    audit.record("import.cancel", run, by, mode=run.mode, rows=run.total)
    run_import.later(run.id)


def undo(run, by):
    """Take back what a run has changed, for a day after its end."""
    if said := undoing.why_not(run):
        raise WrongState(said)
    move(run, ("done",), "undoing", cursor=0, done=0, ended_at=None, told=False)
    audit.record("import.undo", run, by, mode=run.mode, rows=run.total)
    run_import.later(run.id)


def move(run, sources, target, **values):
    """One step of a run's life; of two who try at once, one is refused."""
    moved = db.session.execute(
        update(ImportRun).where(ImportRun.id == run.id, ImportRun.state.in_(sources)).values(state=target, **values))
    db.session.refresh(run)
    if not moved.rowcount:
        raise WrongState(f"This import is {run.state.replace('_', ' ')} now; that cannot be done any more.")


def due():
    """The work that waits for a worker."""
    return [(run_import, run_id) for run_id in holding.due()]


def progress(run):
    """How far the present state of a run is: (done, total); total is 0 while it is unknown."""
    planned = run.state in ("applying", "undoing")
    return run.done, run.counts.get("planned", 0) if planned else run.total


def wait(run_id, timeout=86_400):
    """Work on a run in this process unless another does, until it is over or waits for a person."""
    ends = clock.monotonic() + timeout
    while (run := load(run_id)).state in holding.ACTIVE and clock.monotonic() < ends:
        run_import(run_id)
        if load(run_id).state in holding.ACTIVE:
            time.sleep(0.2)
    return run


def summary(run):
    """A run as the command line tells it."""
    names = ("added", "changed", "unchanged", "removed", "protected", "rejected")
    saved = findings.save_rejects(run)
    return {"run": run.id, "state": run.state, "rows": run.total, **{name: run.counts.get(name, 0) for name in names},
            "rejects_file": saved and str(saved)}


def tidy():
    """Remove the files and lists of imports that were over a week ago, and drafts that nobody came back to."""
    before = clock.now() - KEEP
    old = select(ImportRun).where(ImportRun.storage != "", (
        ImportRun.state.in_(OVER) & (ImportRun.ended_at < before)) | (
        ImportRun.state.in_(["draft", "staged", "needs_review"]) & (ImportRun.created_at < before)))
    forget(db.session.scalars(old).all())
    db.session.commit()


def forget(runs):
    """Throw away what the runs read and found; one that is not over is cancelled."""
    for run in runs:
        if run.storage:
            Staging(run).drop()
            sources.forget(run.storage)
        run.storage, run.format = "", opening.without_sample(run.format)
        run.state = run.state if run.state in OVER else "cancelled"


def erase(dataset_id, keys):
    """Throw away what imports into a dataset keep, which may name somebody who was erased, known by these addresses.

    True when nothing is left: a run that is at work, or waits for a person, is asked again later.
    """
    for importer in db.session.scalars(select(Importer).where(Importer.dataset_id == dataset_id)):
        importer.format = opening.blanked(importer.format, keys)
    sampled = cast(ImportRun.format, String).contains('"sample"')
    kept = select(ImportRun).where(ImportRun.dataset_id == dataset_id, (ImportRun.storage != "") | sampled)
    forget(db.session.scalars(kept.where(ImportRun.state.in_(OVER))).all())
    db.session.flush()
    return not db.session.scalars(kept).first()
