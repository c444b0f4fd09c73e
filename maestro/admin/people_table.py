"""The people table as an address asks for it: what is searched, sorted and shown, and where its links lead."""

from types import SimpleNamespace

from flask import request, url_for

from maestro.admin import people_words
from maestro.models import MEMBERSHIPS
from maestro.warehouse import fields, indexes, people

SIZES = (25, 50, 100, 200)
USUAL = {"q": "", "state": "confirmed", "sort": "address", "down": False, "size": 50, "page": 1}


def of(dataset, list=None):
    """The table of a dataset's or a list's people: `page`, `asked`, `columns`, and `url` for the next question."""
    all_fields = fields.of(dataset, list)
    asked = question({field.name for field in all_fields})
    page = people.page(dataset, list, search=asked["q"], sort=asked["sort"], down=asked["down"], number=asked["page"],
                       size=asked["size"], state=asked["state"])
    first = (page.number - 1) * asked["size"] + 1
    return SimpleNamespace(
        dataset=dataset, list=list, page=page, asked=asked, url=lambda **changes: address(asked | changes), sizes=SIZES,
        columns=[column(asked, "address", "Address"),
                 *(column(asked, field.name, field.label, field) for field in all_fields[:indexes.SHOWN]),
                 column(asked, "joined_at", "In the dataset since" if list else "Joined")],
        first=first, last=first + len(page.rows) - 1, words=people_words)


def question(sortable):
    """What the address asks for; words that mean nothing here are passed over."""
    args = request.args
    asked = {"q": args.get("q", "").strip(), "state": args.get("state"), "sort": args.get("sort", ""),
             "down": args.get("down") == "1", "size": args.get("size", type=int),
             "page": min(max(args.get("page", 1, type=int), 1), 10**9)}
    good = {"state": MEMBERSHIPS, "sort": {*people.ALWAYS_THERE, *sortable}, "size": SIZES}
    return asked | {name: USUAL[name] for name, words in good.items() if asked[name] not in words}


def address(asked):
    """The address of this page that asks so; what is usual is left out."""
    said = {name: value for name, value in asked.items() if value != USUAL[name]}
    if said.get("down"):
        said["down"] = 1
    return url_for(request.endpoint, **request.view_args, **said)


def column(asked, name, label, field=None):
    """A column's head: pressed once it sorts upwards, twice downwards."""
    here = asked["sort"] == name
    turned = asked | {"sort": name, "down": here and not asked["down"], "page": 1}
    order = ("descending" if asked["down"] else "ascending") if here else None
    return SimpleNamespace(name=name, label=label, field=field, order=order, url=address(turned))
