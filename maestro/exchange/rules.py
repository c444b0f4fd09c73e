"""The rules of an import, whether it runs once or is kept: which column fills which field, and how values are made."""

from maestro.exchange import mapping, transform
from maestro.exchange.opening import known
from maestro.exchange.styles import Style
from maestro.lib import addresses
from maestro.lib.errors import Refused
from maestro.models import IMPORT_MODES
from maestro.warehouse import fields


def guess(thing):
    """Mapping and style as they seem to be meant; none while the file cannot be read as the format says."""
    try:
        table = known(thing)
        samples, mine = texts(table), fields.writable(thing.dataset, thing.list)
    except Refused as refusal:
        if refusal.field == "file":
            raise
        thing.mapping = {}
        return
    thing.mapping = mapping.guess(table.columns, mine, samples)
    style = mapping.guess_style(thing.mapping, mine, samples)
    thing.options = {**thing.options, **vars(style)}


def texts(table):
    """The first values of each column, without empty ones."""
    frame = table.samples()
    columns = ((column, frame[column]) for column in table.columns if column in frame)
    filled = {column: values.drop_nulls().str.strip_chars().to_list() for column, values in columns}
    return dict.fromkeys(table.columns, ()) | filled


def look(thing, rows=20):
    """(preview of the source, {column: its first values}, the mapping that the names suggest)"""
    table = known(thing)
    samples = texts(table)
    guessed = mapping.guess(table.columns, fields.writable(thing.dataset, thing.list), samples)
    return table.preview(rows), mapping.shown(samples), guessed


def likely(thing):
    """How many of the first values of the address column are addresses, and of how many: (987, 1000)."""
    column = thing.mapping.get("address")
    found = texts(known(thing)).get(column, ()) if column else ()
    return sum(is_address(text) for text in found), len(found)


def is_address(text):
    try:
        return bool(addresses.judge(text))
    except Refused:
        return False


def set_rules(thing, given, mode, options):
    """Say what goes where and how. `given` is {field: column}; without "address" the guessed column stays."""
    if mode not in IMPORT_MODES:
        raise Refused(f"The mode is one of {', '.join(IMPORT_MODES)}.", "mode")
    given = {name: column for name, column in given.items() if column}
    if "address" not in given and "address" in thing.mapping:
        given["address"] = thing.mapping["address"]
    mine = fields.writable(thing.dataset, thing.list)
    options = {**thing.options, **options}
    options["change"] = transform.checked(options.get("change", {}), mine)
    constant = [name for name, steps in options["change"].items() if "constant" in steps]
    mapping.check({name: column for name, column in given.items() if name not in constant}, known(thing).columns, mine,
                  mode, constant)
    Style.of(options)
    options["clear"] = [field.name for field in mine if field.name in options.get("clear", ())]
    thing.mapping, thing.mode, thing.options = given, mode, options


def deletes(thing):
    """Whether it may take people off a dataset: those are gone with all their values, which no undo brings back."""
    return not thing.list_id and thing.mode in ("remove", "synchronise")
