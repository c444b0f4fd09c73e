"""Home: what needs somebody, what is running, how the last jobs did; before the first job, a checklist."""

from flask import Response, render_template, request, url_for
from sqlalchemy import exists, func, or_, select

from maestro.admin import job_words
from maestro.admin.door import bp, may, needs, visible
from maestro.delivery import ledger
from maestro.extensions import db
from maestro.lib.wording import number, plural
from maestro.models import Dataset, Importer, ImportRun, MailJob, WriteBack
from maestro.tracking import rates
from maestro.warehouse import tables

MOST = 5
IMPORT_WORDS = {"queued": "Waiting", "fetching": "Reading", "checking": "Checking", "applying": "Applying",
                "undoing": "Undoing"}


@bp.get("/")
@needs("home.see")
def home():
    if request.args.get("part") == "running":
        answer = Response(render_template("admin/_running.html", running=running()))
        answer.add_etag()
        return answer.make_conditional(request)
    return render_template("admin/home.html", ticked=ticked(), needs=waiting(), running=running(), results=results())


def jobs(*conditions, order=MailJob.id):
    return db.session.scalars(visible(MailJob).where(*conditions).order_by(order.desc()).limit(MOST)).all()


def ticked():
    """The steps of the checklist that are done."""
    steps = {"people": has_people(), "write": has(or_(MailJob.html != "", MailJob.text != "")),
             "test": has(MailJob.tested_version > 0), "send": has(MailJob.started_at.is_not(None))}
    return [step for step, done in steps.items() if done]


def has(condition):
    return db.session.scalar(visible(MailJob).where(condition).with_only_columns(MailJob.id).exists().select())


def has_people():
    return any(db.session.scalar(exists(tables.table(dataset).select()).select())
               for dataset in db.session.scalars(visible(Dataset)))


def waiting():
    """What goes on only when somebody looks at it, the worst first."""
    found = [need(job, job.problem or "The delivery did not succeed.", "bad")
             for job in jobs(MailJob.phase == "failed")]
    found += [need(job, f"Sending is paused. {job.problem}", "bad")
              for job in jobs(MailJob.phase == "paused", MailJob.problem != "")]
    found += unconfirmed() if may("job.send") else []
    found += [need(job, "A test was sent. Somebody has to look at it and accept it.", "info", "admin.job_test")
              for job in jobs(MailJob.phase == "open", MailJob.tested_version == MailJob.version,
                              MailJob.accepted_version < MailJob.version)]
    found += [stopped_writeback(stopped) for stopped in writebacks()] if may("writeback.edit") else []
    return found + ([*map(stopped_import, [*failed_imports(), *imports("needs_review")])] if may("import.see") else [])


def need(job, sentence, tone, endpoint="admin.job"):
    return {"title": job.title, "url": url_for(endpoint, job_id=job.id), "action": "Look", "tone": tone,
            "sentence": sentence}


def unconfirmed():
    """The last ended jobs of which nobody knows whether some people got them."""
    for job in jobs(MailJob.phase.in_(("done", "failed")), MailJob.audience > 0, order=MailJob.ended_at):
        if doubtful := ledger.counts(job.id)["unknown"]:
            said = f"{number(doubtful)} unconfirmed: the mail server may or may not have taken them."
            yield need(job, said, "warn", "admin.job_ledger")


def imports(*states):
    found = visible(ImportRun).where(ImportRun.state.in_(states)).order_by(ImportRun.id.desc()).limit(MOST)
    return db.session.scalars(found).all()


def failed_imports():
    """The last runs of importers in use, where they failed: the source and the people drift apart."""
    last = select(func.max(ImportRun.id)).group_by(ImportRun.importer_id)
    found = visible(ImportRun).join(Importer, Importer.id == ImportRun.importer_id).where(
        Importer.enabled, ImportRun.id.in_(last), ImportRun.state == "failed")
    return db.session.scalars(found.order_by(ImportRun.id.desc()).limit(MOST)).all()


def stopped_import(run):
    return {"title": f"Import of {run.file_name}", "url": url_for("admin.import_run", run_id=run.id), "action": "Look",
            "tone": "bad" if run.state == "failed" else "warn",
            "sentence": run.problem or "The import waits for somebody to look at it."}


def writebacks():
    """Those that stand still."""
    found = visible(WriteBack).where(WriteBack.enabled, WriteBack.problem != "").order_by(WriteBack.id.desc())
    return db.session.scalars(found.limit(MOST)).all()


def stopped_writeback(stopped):
    name = (stopped.list or stopped.dataset).name
    return {"title": f"Write-back of {name} to {stopped.connection.name}", "action": "Look",
            "url": url_for("admin.writeback", writeback_id=stopped.id), "tone": "bad",
            "sentence": f"It stands still. {stopped.problem}"}


def running():
    """Jobs and imports on their way."""
    sending = [line(job) for job in jobs(MailJob.phase.in_((*job_words.RUNNING, "paused")))]
    return sending + [importing(run) for run in imports(*IMPORT_WORDS) if may("import.see")]


def line(job):
    counts = job_words.counts(job)
    word, tone = job_words.state(job, counts)
    done = job.audience - job_words.total(counts, job_words.WAIT) if counts else 0
    return {"title": job.title, "url": url_for("admin.job", job_id=job.id), "word": word, "tone": tone, "done": done,
            "total": job.audience, "line": job_words.line(job, counts) if counts else "The recipients are taken over."}


def importing(run):
    said = f"{number(run.done)} of {plural(run.total, 'row', 'rows')}" if run.total else "The source is read."
    return {"title": f"Import of {run.file_name}", "url": url_for("admin.import_run", run_id=run.id),
            "word": IMPORT_WORDS[run.state], "tone": "sending", "done": run.done, "total": run.total, "line": said}


def results():
    """The last delivered jobs with what came back."""
    found = jobs(MailJob.phase == "done", order=MailJob.ended_at)
    opened, clicked = (rates.readers([job.id for job in found], kind) for kind in ("open", "click"))
    return [result(job, opened.get(job.id, 0), clicked.get(job.id, 0)) for job in found]


def result(job, opened, clicked):
    counted = job.tracking in rates.PEOPLE
    counts = job_words.counts(job)
    return {"title": job.title, "url": url_for("admin.job", job_id=job.id), "at": job.ended_at,
            "sent": job_words.total(counts, job_words.SENT) if counts else 0, "opened": opened if counted else None,
            "clicked": clicked if counted else None, "spark": rates.curve(job) if counted else []}
