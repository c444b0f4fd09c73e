"""One person: everything known, put in, changed, taken off and out."""

from flask import flash, render_template, request, url_for
from flask_login import current_user

from maestro.admin import job_ledger, people_words
from maestro.admin.door import bp, find, go, needs, refusals
from maestro.admin.forms.people import person_form, prefixed, values
from maestro.delivery import received
from maestro.lib.errors import Refused
from maestro.models import Dataset, HostedList
from maestro.warehouse import changes, fields, members, subscriptions


@bp.route("/datasets/<int:dataset_id>/people/new", methods=["GET", "POST"])
@needs("person.edit")
def person_new(dataset_id):
    return added(find(Dataset, dataset_id), None)


@bp.route("/lists/<int:list_id>/people/new", methods=["GET", "POST"])
@needs("person.edit")
def subscriber_new(list_id):
    list = find(HostedList, list_id)
    return added(list.dataset, list)


def added(dataset, list):
    """The page of a new person, of the dataset or of one of its lists."""
    shown = fields.writable(dataset, list)
    form = person_form(shown)
    form.address.data = form.address.data or request.args.get("address", "")
    if form.validate_on_submit() and (given := values(form, shown)) is not None:
        with refusals(form), prefixed():
            address = form.address.data
            row = members.put_on(list, address, given, current_user, sure="sure" in request.form) if list else (
                members.add(dataset, address, given, current_user))
            where = f"on “{list.name}”" if list else f"in “{dataset.name}”"
            return go(".person", f"{row['address']} is {where} now.", dataset_id=dataset.id, member_id=row["id"])
    return render_template("admin/people/new.html", form=form, dataset=dataset, list=list), 422 if form.errors else 200


@bp.get("/datasets/<int:dataset_id>/people/<int:member_id>")
@needs("person.see")
def person(dataset_id, member_id):
    dataset = find(Dataset, dataset_id)
    row = members.get(dataset, member_id)
    memberships = subscriptions.of(dataset, member_id)
    joined = {list.id for membership, list in memberships if membership.state == "confirmed"}
    history = changes.history(dataset_id, member_id)
    return render_template(
        "admin/people/person.html", dataset=dataset, row=row, words=people_words, memberships=memberships,
        values=[(field, people_words.cell(field, row[field.name])) for field in known(dataset, joined)],
        others=[list for list in dataset.lists if list.id not in {list.id for _, list in memberships}],
        history=[(entry, changes.fields(entry)["changes"]) for entry in history],
        lists={list.id: list.name for list in dataset.lists}, mails=received.of(dataset, row, history),
        outcomes=job_ledger.WORDS)


def known(dataset, joined):
    """The shared fields and those of the lists on which the person is."""
    return [field for field in dataset.fields if field.list_id in {None, *joined}]


@bp.route("/datasets/<int:dataset_id>/people/<int:member_id>/edit", methods=["GET", "POST"])
@needs("person.edit")
def person_edit(dataset_id, member_id):
    dataset = find(Dataset, dataset_id)
    row = members.get(dataset, member_id)
    joined = {list.id for membership, list in subscriptions.of(dataset, member_id) if membership.state == "confirmed"}
    shown = [field for field in known(dataset, joined) if not field.formula]
    form = person_form(shown, row)
    if form.validate_on_submit() and (given := values(form, shown)) is not None:
        with refusals(form), prefixed():
            members.change(dataset, row, given, current_user, address=form.address.data)
            return go(".person", "Saved.", dataset_id=dataset_id, member_id=member_id)
    return render_template("admin/people/edit.html", form=form, dataset=dataset, row=row), 422 if form.errors else 200


@bp.post("/datasets/<int:dataset_id>/people/<int:member_id>/remove")
@needs("person.edit")
def person_remove(dataset_id, member_id):
    dataset = find(Dataset, dataset_id)
    row = members.get(dataset, member_id)
    members.remove(dataset, row, current_user)
    return go(".dataset", f"{row['address']} is out of “{dataset.name}” and its lists.", dataset_id=dataset_id)


@bp.post("/lists/<int:list_id>/people/<int:member_id>/<any(join, leave):verb>")
@needs("person.edit")
def subscriber_move(list_id, member_id, verb):
    list = find(HostedList, list_id)
    row = members.get(list.dataset, member_id)
    here = {"dataset_id": list.dataset_id, "member_id": member_id}
    if verb == "join":
        return put_on(list, row)
    if not subscriptions.leave(list, row, current_user):
        return go(".person", f"{row['address']} was not on “{list.name}” any more.", **here)
    undo = url_for(".subscriber_move", list_id=list_id, member_id=member_id, verb="join")
    flash((f"{row['address']} is off “{list.name}”.", undo), "undo")
    return go(".person", **here)


def put_on(list, row):
    """Put somebody known on a list; what the list asks for itself and nobody knows yet is asked first."""
    try:
        members.bring(list, row, current_user, sure="sure" in request.args)
    except Refused as refusal:
        if refusal.field not in {field.name for field in members.asked_by(list)}:
            raise
        return go(".subscriber_new", refusal.sentence, list_id=list.id, address=row["address"])
    return go(".person", f"{row['address']} is on “{list.name}”.", dataset_id=list.dataset_id, member_id=row["id"])
