"""Imports: the list of them, a new file, and the page on which one is watched, decided and looked back at."""

from flask import Response, abort, render_template, request, stream_with_context
from flask_login import current_user

from maestro.admin import import_words as words
from maestro.admin.door import bp, commit, find, go, may, needs, refusals, visible
from maestro.admin.forms.imports import UploadForm
from maestro.exchange import findings, importers, imports, launching, sources, undoing
from maestro.extensions import count, db
from maestro.lib import web
from maestro.lib.errors import NotFound, Refused
from maestro.lib.tabular.limits import UPLOAD
from maestro.lib.tabular.write import csv_bytes
from maestro.models import Dataset, HostedList, Importer, ImportRun, WriteBack

SIZE = 50
SHOWN = 100                                        # rows of a list on the page
REST = 1_000_000                                   # bytes of an upload beside the file
VERBS = {"apply": imports.apply, "release": imports.release, "spare": imports.spare, "cancel": imports.cancel,
         "undo": imports.undo}
SAID = {"apply": "The import goes on.", "release": "The import goes on.", "cancel": "The import is cancelled.",
        "spare": "The import goes on. Nobody is removed by it.", "undo": "It is being undone."}


@bp.url_value_preprocessor
def allow_upload(endpoint, _values):
    """Before anything looks at the body: this page takes files."""
    if endpoint in ("admin.import_new", "admin.importer_file") and request.method == "POST":
        request.max_content_length = UPLOAD + REST


@bp.get("/imports", endpoint="imports")
@needs("import.see")
def index():
    mine = visible(ImportRun)
    pages = web.paging(count(mine), SIZE)
    found = mine.order_by(ImportRun.id.desc()).offset(pages.offset).limit(pages.limit)
    kept = [(importer, importers.state(importer), launching.last(importer))
            for importer in db.session.scalars(visible(Importer).order_by(Importer.name))]
    return render_template("admin/imports/index.html", runs=db.session.scalars(found).all(), pages=pages, words=words,
                           importers=kept, writebacks=writebacks() if may("writeback.edit") else ())


def writebacks():
    return db.session.scalars(visible(WriteBack).order_by(WriteBack.id)).all()


@bp.route("/imports/new", methods=["GET", "POST"])
@needs("import.run")
def import_new():
    form = UploadForm(target=asked_target())
    form.target.choices = targets()
    if form.validate_on_submit():
        with refusals(form):
            run = begin(form.target.data, form.file.data)
            return go(".import_preview", run_id=run.id)
    return render_template("admin/imports/new.html", form=form, words=words), 422 if form.errors else 200


def asked_target():
    """The target that a link names, as the form writes it: d12 is a dataset, l34 a list."""
    list, dataset = request.args.get("list", type=int), request.args.get("dataset", type=int)
    return f"l{list}" if list else f"d{dataset}"


def targets():
    """What one may import into: each dataset, and below it its lists."""
    datasets = db.session.scalars(visible(Dataset).order_by(Dataset.name)).all()
    return {dataset.name: {f"d{dataset.id}": "The dataset only"}
            | {f"l{list.id}": f"List: {list.name}" for list in dataset.lists} for dataset in datasets}


def target_named(target):
    """The dataset, and the list or None, that a form names."""
    model, number = {"d": Dataset, "l": HostedList}[target[0]], int(target[1:])
    found = find(model, number)
    return (found, None) if model is Dataset else (found.dataset, found)


def begin(target, file):
    dataset, list = target_named(target)
    commit()                                       # nobody waits while the file is stored and looked at
    key = sources.store(file.stream)
    try:
        return imports.create(dataset, list, key, file.filename or "", by=current_user)
    except Refused:
        sources.forget(key)
        raise


@bp.get("/imports/<int:run_id>")
@needs("import.see")
def import_run(run_id):
    run = find(ImportRun, run_id)
    if run.state == "draft":
        return go(".import_preview", run_id=run_id)
    if request.args.get("part") == "live":
        return live(run)
    if run.state in imports.RUNNING:
        return render_template("admin/imports/running.html", run=run, words=words, progress=imports.progress(run))
    kind = request.args.get("list", "rejected" if run.counts.get("rejected") else "added")
    return render_template("admin/imports/run.html", run=run, words=words, kind=kind, **rows(run, kind),
                           no_undo=undoing.why_not(run) if run.state == "done" else "")


def rows(run, kind):
    """The first rows of a list of a run, if they are still there."""
    if kind not in findings.LISTS:
        abort(404)
    try:
        return {"heads": findings.header(run, kind), "rows": list(findings.lines(run, kind, SHOWN)), "kept": True}
    except NotFound:
        return {"heads": [], "rows": [], "kept": False}


def live(run):
    """The bar by itself; once the import is no longer running, the page is loaded anew."""
    if run.state not in imports.RUNNING:
        return Response(status=205)
    response = Response(render_template("admin/imports/_progress.html", run=run, words=words,
                                        progress=imports.progress(run)))
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/imports/<int:run_id>/<any(apply, release, spare, cancel, undo):verb>")
@needs("import.run")
def import_move(run_id, verb):
    VERBS[verb](find(ImportRun, run_id), by=current_user)
    return go(".import_run", SAID[verb], run_id=run_id)


@bp.get("/imports/<int:run_id>/<any(added, changed, removed, protected, rejected):kind>.csv")
@needs("import.see")
def import_list(run_id, kind):
    run = find(ImportRun, run_id)
    text = csv_bytes(findings.header(run, kind), findings.lines(run, kind), guard=True)
    name = f"import-{run.id}-{kind}-for-spreadsheets.csv"
    return web.download(stream_with_context(text), name, "text/csv; charset=utf-8")
