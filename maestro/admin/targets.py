"""Target groups and segments: the list of them, and the page on which a condition is clicked together and counted."""

from flask import g, render_template, request
from flask_login import current_user

from maestro.admin import people_words
from maestro.admin.door import bp, find, go, may, needs, refusals
from maestro.admin.forms import targets as inputs
from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.models import Dataset, HostedList, TargetGroup
from maestro.warehouse import fields, questions, targets


@bp.get("/datasets/<int:dataset_id>/targets", endpoint="targets")
@needs("dataset.see")
def index(dataset_id):
    dataset = find(Dataset, dataset_id)
    known, names = labels(dataset), targets.names(dataset)
    rows = [(target, questions.said(target.condition, known, names) or "Everybody") for target in targets.of(dataset)]
    return render_template("admin/targets/index.html", dataset=dataset, rows=rows)


def labels(dataset):
    """{field name: (label, type)}, the address included."""
    return {"address": ("Address", "text")} | {field.name: (field.label, field.type) for field in dataset.fields}


@bp.route("/datasets/<int:dataset_id>/targets/new", methods=["GET", "POST"])
@needs("target.edit")
def target_new(dataset_id):
    """`list=` for those of one list, `segment=1` for a segment of it."""
    dataset, number = find(Dataset, dataset_id), request.args.get("list", type=int)
    list = find(HostedList, number) if number else None
    if list and list.dataset_id != dataset_id:
        raise Refused("This list belongs to another dataset.")
    return page(dataset, list, None, "segment" in request.args)


@bp.route("/targets/<int:target_id>", methods=["GET", "POST"])
@needs("target.edit")
def target(target_id):
    found = find(TargetGroup, target_id)
    return page(found.dataset, found.list, found, found.segment)


def page(dataset, list, target, segment):
    """The page of a condition. Every button but Save changes what is on the page and keeps nothing."""
    form = (inputs.SegmentForm if segment else inputs.TargetForm)(obj=target)
    types = {name: type for name, (_, type) in labels(dataset).items() if name in usable(dataset, list)}
    condition, focus = target.condition if target else inputs.EVERYBODY, None
    if request.method == "POST":
        condition = inputs.read(request.form, types)
        deed = request.form.get("do", "")
        if deed == "save" and form.validate():
            with refusals(form):
                return saved(dataset, list, target, segment, form, condition)
        focus = inputs.change(condition, deed, types)
    return shown(dataset, list, target, segment, form, types, condition or inputs.EVERYBODY, focus)


def usable(dataset, list):
    return {"address", *(field.name for field in fields.of(dataset, list))}


def saved(dataset, list, target, segment, form, condition):
    more = {} if segment else {"description": form.description.data, "category": form.category.data or ""}
    if target:
        targets.change(target, form.name.data, condition, current_user, enabled=segment or form.enabled.data, **more)
    else:
        target = targets.create(dataset, list, form.name.data, condition, current_user, segment=segment, **more)
    return go(".target", "Saved.", target_id=target.id)


def shown(dataset, list, target, segment, form, types, condition, focus):
    """Counting only reads: it holds up nobody who writes."""
    status = 422 if form.errors else 200
    db.session.rollback()
    with reading():
        count, problem = counted(dataset, list, condition)
        others = [other for other in targets.of(dataset) if other != target]
        return render_template(
            "admin/targets/target.html", dataset=dataset, list=list, target=target, segment=segment, form=form,
            condition=condition if "join" in condition else {"join": "all", "parts": [condition]}, focus=focus,
            count=count, problem=problem, labels=labels(dataset), types=types, words=questions.WORDS,
            joins=questions.JOINS, takes=questions.takes, cell=people_words.cell,
            others=[other for other in others if other.list_id in (None, list and list.id)],
            choices={field.name: field.choices for field in dataset.fields},
            columns=fields.of(dataset, list)[:5] if may("person.see") else []), status


def counted(dataset, list, condition):
    """(the count, None), or (None, what keeps the condition from being asked)."""
    try:
        return targets.count(dataset, list, condition, clock.today(g.zone)), None
    except Refused as refusal:
        return None, refusal.sentence


@bp.post("/targets/<int:target_id>/remove")
@needs("target.edit")
def target_remove(target_id):
    found = find(TargetGroup, target_id)
    targets.remove(found, current_user)
    return go(".targets", f"“{found.name}” is gone.", dataset_id=found.dataset_id)
