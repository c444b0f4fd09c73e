"""The profile fields of a dataset as inputs of a public page. The inputs' names have a prefix."""

from flask import request

from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.site import dress
from maestro.warehouse import fields, looks

PREFIX = "f_"


def asked(dataset, lists):
    """The fields that a sign-up to these lists asks for: those that subscribers may fill in, and what is required."""
    places = {None, *(list.id for list in lists)}
    look = looks.merged(dataset, lists[0] if len(lists) == 1 else None)
    known = dress.ordered(look, dataset.fields)
    return [field for field in known if field.list_id in places and (field.shown == "edit" or field.required)]


def read(asked):
    """What the request holds for these fields: ({name: value}, {name: what is wrong with it})."""
    values, errors = {}, {}
    for field in asked:
        given = request.form.getlist(PREFIX + field.name)
        text = given if field.type == "choices" else (given or [""])[0].replace("\r\n", "\n")
        try:
            values[field.name] = fields.parse(field, text)
            if field.required and values[field.name] is None:
                errors[field.name] = _("%(field)s must be filled in.", field=field.label)
        except Refused as refusal:
            errors[field.name] = refusal.sentence
    return values, errors
