"""Runs of importers: launched by hand, by a schedule or from outside, one at a time, and what follows their end."""

import logging

from flask import current_app
from sqlalchemy import select, update

from maestro import audit, notices, permissions
from maestro.accounts import settings
from maestro.exchange import importers, opening, sources
from maestro.exchange.running import run_import
from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.lib.errors import MaestroError, Refused, WrongState
from maestro.models import Importer, ImportRun, User
from maestro.warehouse import changes

WAITING = ("staged", "needs_review")               # a newer run takes the place of one that waits for a person
ENDED = ("done", "failed", "cancelled", "undone", *WAITING)
SHOWN = 30                                         # runs of the history on a page
log = logging.getLogger("maestro.imports")


def launch(importer, by, dry_run=False, key=None, format=None):
    """Start a run: (run, is new). While one is going on, one more is noted and the present one is answered.

    `key`: the stored body of a call from outside, in `format`. A dry run needs no enabled importer, and is never noted.
    """
    importer = locked(importer.id)
    if said := importers.missing(importer):
        raise WrongState(f"This importer is incomplete. {said}")
    if not importer.enabled and not dry_run:
        raise WrongState("This importer is disabled.")
    if importer.source == "post" and not key:
        raise Refused("This importer takes its people from the body of a POST request.", "body")
    if running := importers.active(importer):
        if dry_run:
            raise WrongState(f"Run {running.id} is going on. Check again when it is over.")
        importer.again = importer.again or key is None
        return running, False
    drop_waiting(importer)
    return start(importer, by, dry_run, key, format), True


def locked(importer_id):
    """The importer as it is now, and nobody else launches it before the end of this transaction."""
    db.session.execute(select(Importer.id).where(Importer.id == importer_id).with_for_update())
    return db.session.get(Importer, importer_id, populate_existing=True)


def drop_waiting(importer):
    db.session.execute(update(ImportRun).where(
        ImportRun.importer_id == importer.id, ImportRun.state.in_(WAITING)).values(
        state="cancelled", ended_at=clock.now(), told=True, problem="A newer run took its place."))


def start(importer, by, dry_run, key, format):
    format = opening.without_sample(format or importer.format)
    run = ImportRun(
        dataset_id=importer.dataset_id, dataset=importer.dataset, list_id=importer.list_id, list=importer.list,
        user_id=getattr(by, "id", None), importer_id=importer.id, storage=key or sources.new_key(),
        file_name=importer.name, format=format, mapping=importer.mapping, mode=importer.mode, counts={},
        source={} if key else source(importer), state="queued",
        options={**importer.options, "actor": changes.actor(by), "dry_run": dry_run})
    db.session.add(run)
    db.session.flush()
    audit.record("importer.launch", importer, by, run=run.id, dry_run=dry_run)
    run_import.later(run.id)
    return run


def source(importer):
    """Where a run reads, as it is kept with the run."""
    if importer.source in ("database", "ldap"):
        return {"kind": importer.source, "connection": importer.connection_id, "query": importer.query,
                "attributes": importer.format.get("attributes", "")}
    return {"kind": importer.source, "path": importer.path, "storage": importer.storage}


def runs(importer, limit=SHOWN):
    """The last runs, latest first."""
    mine = select(ImportRun).where(ImportRun.importer_id == importer.id)
    return db.session.scalars(mine.order_by(ImportRun.id.desc()).limit(limit)).all()


def last(importer):
    """The run that began last, or None."""
    return next(iter(runs(importer, 1)), None)


def launch_due():
    """Launch what its schedule says; who missed its time while nothing ran is launched once. Commits."""
    due = select(Importer.id).where(Importer.enabled, Importer.next_at <= clock.now())
    for importer_id in read(due):
        importer = locked(importer_id)
        if importer and importer.enabled and importer.next_at and importer.next_at <= clock.now():
            importer.next_at = importers.next_launch(importer)
            try_launch(importer, "schedule")
        db.session.commit()


def settle():
    """After the end of runs: tell who waits for it, and start the one more that was asked for. Commits."""
    ended = select(ImportRun.id).where(
        ImportRun.importer_id.is_not(None), ~ImportRun.told, ImportRun.state.in_(ENDED))
    for run_id in read(ended):
        told = db.session.execute(update(ImportRun).where(ImportRun.id == run_id, ~ImportRun.told).values(told=True))
        run = db.session.get(ImportRun, run_id, populate_existing=True)
        importer = locked(run.importer_id)
        if told.rowcount and importer:
            follow(importer, run)
        db.session.commit()


def try_launch(importer, by):
    """Launch while nobody looks: what one importer cannot do keeps no other one back."""
    try:
        launch(importer, by)
    except MaestroError as refusal:
        log.warning("The importer “%s” was not launched: %s", importer.name, refusal.sentence)


def follow(importer, run):
    if run.state in ("failed", "needs_review"):
        sender = settings.notices_from(current_app.extensions["maestro"])
        for user in users_told(importer):
            notices.import_stopped(user, importer, run, sender)
    if importer.again and importer.enabled:
        importer.again = False
        try_launch(importer, "trigger")


def users_told(importer):
    """Who hears of failures: the users it names, and where none of them is left all who may look at it."""
    keys = [part.strip().lower() for part in importer.notify.split(",") if part.strip()]
    here = select(User).where(User.group_id == importer.dataset.group_id, User.disabled_at.is_(None))
    return db.session.scalars(here.where(User.email_key.in_(keys))).all() or db.session.scalars(
        here.where(User.role.in_(permissions.RIGHTS["import.see"]))).all()


def read(statement):
    with reading():
        found = db.session.scalars(statement).all()
        db.session.rollback()
    return found
