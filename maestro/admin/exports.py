"""Exports: said beforehand how many people and which columns, then downloaded."""

from flask import render_template, request, stream_with_context
from flask_login import current_user

from maestro import audit
from maestro.admin.door import bp, commit, find, needs
from maestro.exchange import exports
from maestro.lib import clock, web
from maestro.lib.errors import Refused
from maestro.models import Dataset, HostedList
from maestro.warehouse import datasets, fields, lists

FORMS = {                                          # form: (format, guarded, end of the name, content type)
    "spreadsheet": ("csv", True, "for-spreadsheets.csv", "text/csv; charset=utf-8"),
    "raw": ("csv", False, "raw.csv", "text/csv; charset=utf-8"),
    "jsonl": ("jsonl", False, "raw.jsonl", "application/jsonl; charset=utf-8"),
}


@bp.route("/datasets/<int:dataset_id>/export", methods=["GET", "POST"])
@needs("person.export")
def dataset_export(dataset_id):
    return page(find(Dataset, dataset_id), None)


@bp.route("/lists/<int:list_id>/export", methods=["GET", "POST"])
@needs("person.export")
def list_export(list_id):
    list = find(HostedList, list_id)
    return page(list.dataset, list)


def page(dataset, list):
    """What would be downloaded; with a POST, the download."""
    people = (lists.counts(list) if list else datasets.counts(dataset))["confirmed"]
    if request.method == "POST":
        return download(dataset, list, request.form.get("form", "spreadsheet"), people)
    return render_template("admin/people/export.html", dataset=dataset, list=list, people=people,
                           columns=["address", *(field.name for field in fields.of(dataset, list))])


def download(dataset, list, form, people):
    if form not in FORMS:
        raise Refused("There is no such form of export.")
    format, guard, ending, kind = FORMS[form]
    audit.record("export.run", dataset, current_user, rows=people, format=format, list=list and list.id)
    commit()
    place = f"list-{list.id}" if list else f"dataset-{dataset.id}"
    name = f"{place}-{clock.today('UTC')}-{ending}"
    return web.download(stream_with_context(exports.export(dataset, list, format, guard)), name, kind)
