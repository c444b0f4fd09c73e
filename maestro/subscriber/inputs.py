"""The profile fields of a dataset as inputs of a public page. The inputs' names have a prefix."""

from flask import request

from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.site import dress
from maestro.warehouse import consents, fields, looks, menus

PREFIX = "f_"


def asked(dataset, lists):
    """The fields that a sign-up to these lists asks for: those that subscribers may fill in, and what is required."""
    places = {None, *(list.id for list in lists)}
    look = looks.merged(dataset, lists[0] if len(lists) == 1 else None)
    known = dress.ordered(look, dataset.fields)
    return [field for field in known if field.list_id in places and (field.shown == "edit" or field.required)]


def faces(asked):
    """What inputs show besides their fields: of a consent the wording as its row, of a dependent menu its groups."""
    return {field.name: consents.current(field) if field.consent else menus.grouped(field)
            for field in asked if field.consent or field.parent}


def start(field):
    """The texts that the input of somebody new holds."""
    return field.default.split(",") if field.type == "choices" else [field.default]


def is_given(field):
    """Whether a box is ticked: that of a consent beside the wording that counts now."""
    given = request.form.get(PREFIX + field.name)
    return given == str(consents.current(field).id) if field.consent else bool(given)


def read(asked):
    """What the request holds for these fields: ({name: value}, {name: what is wrong with it})."""
    values, errors = {}, {}
    for field in asked:
        given = request.form.getlist(PREFIX + field.name)
        if fields.is_box(field):
            given = ["T" if is_given(field) else "F"]
        text = given if field.type == "choices" else (given or [""])[0].replace("\r\n", "\n")
        try:
            values[field.name] = fields.parse(field, text)
            if field.required and values[field.name] is None:
                errors[field.name] = _("%(field)s must be filled in.", field=field.label)
        except Refused as refusal:
            errors[field.name] = refusal.sentence
    return values, errors


def answerable(asked):
    """Those of the fields that somebody new can fill in: a dependent menu only beside the one before it."""
    names = {field.name for field in asked}
    return [field for field in asked if not field.parent or field.parent in names]


def unfit(asked, values):
    """What is wrong with choices that do not belong to the one before them, as `read` says it."""
    try:
        menus.refuse_unfit(asked, values)
    except Refused as refusal:
        return {refusal.field: refusal.sentence}
    return {}
