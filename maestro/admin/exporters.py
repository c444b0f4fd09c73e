"""Exporters: those that every dataset and list has, own ones, and the page of each with its download and its token."""

from flask import render_template, request
from flask_login import current_user

from maestro import actions, audit
from maestro.admin import trigger_block
from maestro.admin.door import bp, commit, find, go, needs, refusals
from maestro.admin.forms import exporters as forms
from maestro.exchange import exporters, exports
from maestro.lib import web
from maestro.lib.errors import Refused
from maestro.models import Dataset, Exporter, HostedList, TargetGroup


@bp.get("/datasets/<int:dataset_id>/exporters", endpoint="exporters")
@needs("person.export")
def index(dataset_id):
    dataset = find(Dataset, dataset_id)
    return render_template("admin/exporters/index.html", dataset=dataset, rows=exporters.of(dataset),
                           formats=forms.FORMATS)


@bp.route("/datasets/<int:dataset_id>/exporters/new", methods=["GET", "POST"])
@needs("person.export")
def exporter_new(dataset_id):
    """`list=` for the people of one list."""
    dataset, number = find(Dataset, dataset_id), request.args.get("list", type=int)
    list = find(HostedList, number) if number else None
    if list and list.dataset_id != dataset_id:
        raise Refused("This list belongs to another dataset.")
    form = form_of(None, dataset, list)
    if form.validate_on_submit():
        with refusals(form):
            made = exporters.create(dataset, list, form.name.data, current_user, target=target(form),
                                    **forms.given(form))
            return go(".exporter", "The exporter is there.", exporter_id=made.id)
    return render_template("admin/exporters/new.html", form=form, dataset=dataset, list=list), (
        422 if form.errors else 200)


def form_of(exporter, dataset, list):
    labels = {field.name: field.label for field in dataset.fields}
    return forms.exporter_form(exporter, exports.offered(dataset, list), labels, exporters.filters(dataset, list))


def target(form):
    return find(TargetGroup, int(form.target.data)) if form.target.data else None


@bp.route("/exporters/<int:exporter_id>", methods=["GET", "POST"])
@needs("person.export")
def exporter(exporter_id):
    """The page of an exporter; a standard one can be switched off and on, and no more."""
    found = find(Exporter, exporter_id)
    form = None if found.standard else form_of(found, found.dataset, found.list)
    if form and form.validate_on_submit():
        with refusals(form):
            exporters.change(found, form.name.data, current_user, form.enabled.data, target=target(form),
                             **forms.given(form))
            return go(".exporter", "Saved.", exporter_id=exporter_id)
    return render_template("admin/exporters/exporter.html", form=form, exporter=found, dataset=found.dataset,
                           columns=exports.chosen(exporters.wanted(found)), formats=forms.FORMATS,
                           trigger=trigger_block.of("export", found)), 422 if form and form.errors else 200


@bp.post("/exporters/<int:exporter_id>/download")
@needs("person.export")
def exporter_download(exporter_id):
    """The file, made whole before its first byte leaves."""
    found = find(Exporter, exporter_id)
    commit()
    made = exporters.run(found)
    audit.record("export.run", found.dataset, current_user, rows=made.rows, format=found.format, list=found.list_id)
    commit()
    return sent(made)


def sent(made):
    """A finished file as a download that says how long it is."""
    response = web.download(made.chunks, made.name, made.type)
    response.headers.update({"Content-Length": str(made.length), "X-Maestro-Rows": str(made.rows), **made.headers})
    return response


@bp.post("/exporters/<int:exporter_id>/switch/<any(on, off):way>")
@needs("person.export")
def exporter_switch(exporter_id, way):
    exporters.switch(find(Exporter, exporter_id), way == "on", current_user)
    return go(".exporter", f"The exporter is {way}.", exporter_id=exporter_id)


@bp.post("/exporters/<int:exporter_id>/remove")
@needs("person.export")
def exporter_remove(exporter_id):
    found = find(Exporter, exporter_id)
    exporters.remove(found, current_user)
    actions.forget("export", found)
    return go(".exporters", f"“{found.name}” is gone.", dataset_id=found.dataset_id)
