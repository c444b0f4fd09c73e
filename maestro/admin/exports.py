"""Exports: said beforehand how many people and which columns, then downloaded."""

from flask import render_template, request
from flask_login import current_user

from maestro import audit
from maestro.admin import trigger_block
from maestro.admin.door import bp, commit, find, needs
from maestro.admin.exporters import sent
from maestro.exchange import exporters, exports
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.models import Dataset, HostedList
from maestro.warehouse import datasets, downloads, fields, lists

FORMS = {                                          # form: (format, guarded, what the name says)
    "spreadsheet": ("csv", True, "for-spreadsheets"), "raw": ("csv", False, "raw"),
    "xlsx": ("xlsx", False, "for-spreadsheets"), "jsonl": ("jsonl", False, "raw"),
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
                           trigger=trigger_block.of("export", downloads.find(dataset, list)),
                           columns=["address", *(field.name for field in fields.of(dataset, list))])


def download(dataset, list, form, people):
    if form not in FORMS:
        raise Refused("There is no such form of export.")
    format, guard, said = FORMS[form]
    audit.record("export.run", dataset, current_user, rows=people, format=format, list=list and list.id)
    commit()
    place = f"list-{list.id}" if list else f"dataset-{dataset.id}"
    name = f"{place}-{clock.today('UTC')}-{said}"
    return sent(exporters.file(exports.Wanted(dataset, list, format, guard), name))
