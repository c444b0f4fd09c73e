"""What is done with the ticked people besides taking them away: put on a list, given one value, downloaded."""

from flask import render_template, request
from flask_login import current_user

from maestro import audit
from maestro.admin import exports as downloads
from maestro.admin.door import bp, commit, find, go, needs, refusals
from maestro.admin.exporters import sent
from maestro.admin.forms.people import one_field_form, prefixed, values
from maestro.admin.people import chosen, chosen_list
from maestro.exchange import exporters, exports
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.lib.wording import plural
from maestro.models import Dataset, HostedList
from maestro.warehouse import fields, members, subscriptions


@bp.post("/datasets/<int:dataset_id>/people/join")
@needs("person.edit")
def people_join(dataset_id):
    """Put the chosen people on a list; asks first on which. Who left it by himself is put back one by one only."""
    dataset = find(Dataset, dataset_id)
    rows, number = chosen(dataset), request.form.get("to", type=int)
    if not number:
        return render_template("admin/people/join.html", dataset=dataset, rows=rows, list=None)
    list = find(HostedList, number)
    if list.dataset_id != dataset_id:
        raise Refused("This list belongs to another dataset.")
    done = sum(is_put_on(list, row) for row in rows)
    rest = len(rows) - done
    said = f"{plural(done, 'person is', 'people are')} on “{list.name}” now."
    if rest:
        said += (f" {plural(rest, 'was', 'were')} there before, left by themselves, or lack what the list asks for: "
                 "put those on it on their pages.")
    return go(".list", said, list_id=list.id)


def is_put_on(list, row):
    before = subscriptions.get(list, row["id"])
    if before and (before.state in ("confirmed", "suppressed") or before.left_by in subscriptions.BY_CHOICE):
        return False
    try:
        members.bring(list, row, current_user)
    except (Refused, WrongState):
        return False
    return True


@bp.post("/datasets/<int:dataset_id>/people/set")
@needs("person.edit")
def people_set(dataset_id):
    """Give the chosen people one value; asks first of which field, then for the value."""
    dataset, list = find(Dataset, dataset_id), chosen_list(dataset_id)
    rows = chosen(dataset)
    offered = {field.name: field for field in fields.writable(dataset, list)
               if not field.consent and field.name != dataset.key_field}
    field = offered.get(request.form.get("field"))
    form = one_field_form(field) if field else None
    if field and request.form.get("sure") and form.validate() and (given := values(form, [field])) is not None:
        with refusals(form), prefixed():
            for row in rows:
                members.change(dataset, row, given, current_user)
            said = f"“{field.label}” is set for {plural(len(rows), 'person', 'people')}."
            return go(".list", said, list_id=list.id) if list else go(".dataset", said, dataset_id=dataset_id)
    return render_template("admin/people/set.html", dataset=dataset, list=list, rows=rows, offered=offered.values(),
                           field=field, form=form), 422 if form and form.errors else 200


@bp.post("/datasets/<int:dataset_id>/people/download")
@needs("person.export")
def people_download(dataset_id):
    """The chosen people as a file for a spreadsheet."""
    dataset, list = find(Dataset, dataset_id), chosen_list(dataset_id)
    ids = [row["id"] for row in chosen(dataset)]
    format, guard, word = downloads.FORMS["spreadsheet"]
    audit.record("export.run", dataset, current_user, rows=len(ids), format=format, list=list and list.id)
    commit()
    wanted = exports.Wanted(dataset, list, format, guard, meant=lambda people: people.c.id.in_(ids))
    return sent(exporters.file(wanted, f"chosen-{clock.today('UTC')}-{word}"))
