"""Another type for a field: what would become of its values, said before anything is done."""

from flask import render_template, request
from flask_login import current_user

from maestro.admin import people_words
from maestro.admin.door import bp, find, go, needs
from maestro.lib.errors import Refused
from maestro.lib.wording import plural
from maestro.models import FIELD_TYPES, Dataset, Field
from maestro.warehouse import fieldwork, retyping


@bp.get("/fields/<int:field_id>/type")
@needs("dataset.edit")
def field_type(field_id):
    """The page, and with `to=` the check of all values."""
    field = find(Field, field_id)
    dataset, to = find(Dataset, field.dataset_id), request.args.get("to")
    choices, verdict, problem = request.args.get("choices", ""), None, None
    if to in FIELD_TYPES and to != field.type:
        try:
            verdict = retyping.examine(dataset, field, to, choices.splitlines())
        except Refused as refusal:
            problem = refusal.sentence
    types = [type for type in FIELD_TYPES if type != field.type]
    return render_template("admin/fields/type.html", field=field, dataset=dataset, to=to, verdict=verdict, types=types,
                           problem=problem, words=people_words, choices=choices)


@bp.post("/fields/<int:field_id>/type/change")
@needs("dataset.edit")
def field_retype(field_id):
    field = find(Field, field_id)
    dataset, to = find(Dataset, field.dataset_id), request.form.get("to")
    change = fieldwork.retype if fieldwork.is_large(dataset) else retyping.retype
    emptied = change(dataset, field, to, current_user, request.form.get("choices", "").splitlines(),
                     empty=request.form.get("empty") == "yes")
    if change is fieldwork.retype:
        return go(".fields", dataset_id=dataset.id)
    said = f" {plural(emptied, 'value that did not fit is', 'values that did not fit are')} gone." if emptied else ""
    return go(".field", f"“{field.label}” is of type {people_words.TYPES[to].lower()} now.{said}", field_id=field_id)
