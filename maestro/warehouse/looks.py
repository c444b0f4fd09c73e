"""How a site looks and what its own words are: a draft that is worked on, and what people see since its release.

A look holds theme {brand, ground, font, logo}, page, sheet and mail (HTML, CSS), texts {language: {message: text}} and
order [field names]. What a list's own look says comes before its site's.
"""

import re

from sqlalchemy import select

from maestro import audit
from maestro.extensions import db
from maestro.lib import cleaner, colours, pictures
from maestro.lib.errors import NotFound, Refused
from maestro.lib.tongues import LANGUAGES
from maestro.models import Look, Picture

PLAIN = {"brand": "", "ground": "", "font": "", "logo": ""}
EMPTY = {"theme": {}, "page": "", "sheet": "", "mail": "", "texts": {}, "order": []}
INK, MUTED = (0x17, 0x21, 0x2B), (0x55, 0x62, 0x6F)            # texts that stand on the colour around the page
FONTS = ("", "serif", "round", "mono")
LOGO = 200_000                                     # bytes
TEXT = 2_000                                       # characters

_place = re.compile(r"%\((\w+)\)s")


def of(dataset, list=None):
    """The look of a site, or of one list on it; not stored as long as nobody changed it."""
    whose = Look.list_id.is_(None) if list is None else Look.list_id == list.id
    found = db.session.scalar(select(Look).where(Look.dataset_id == dataset.id, whose))
    return found or Look(dataset_id=dataset.id, list_id=list and list.id, draft={}, live={}, version=0)


def change(look, dataset, by, **parts):
    """Change parts of the draft."""
    for name, value in parts.items():
        parts[name] = CHECKS[name](dataset, value)
    look.draft = {**look.draft, **parts}
    db.session.add(look)
    audit.record("site.change", dataset, by, parts=sorted(parts))
    db.session.flush()


def release(look, dataset, by):
    """Show the draft to everybody."""
    look.live, look.version = dict(look.draft), look.version + 1
    db.session.add(look)
    audit.record("site.change", dataset, by, parts=["release"])
    db.session.flush()


def discard(look, dataset, by):
    """Go on from what people see now."""
    look.draft = dict(look.live)
    db.session.add(look)
    audit.record("site.change", dataset, by, parts=["discard"])
    db.session.flush()


def check_theme(_dataset, theme):
    """Colours that can be read; the brand's is made so later, where it is used."""
    if theme.get("brand"):
        colours.parse(theme["brand"], "brand")
    if theme.get("ground"):
        ground = colours.parse(theme["ground"], "ground")
        ratio = min(colours.contrast(ink, ground) for ink in (INK, MUTED))
        if ratio < colours.READABLE:
            raise Refused(f"Texts cannot be read on this colour: their contrast is {ratio:.1f}, not 4.5.", "ground")
    if theme.get("font", "") not in FONTS:
        raise Refused("This is none of the fonts.", "font")
    return {name: theme.get(name, "") for name in PLAIN}


def check_frame(read):
    def check(_dataset, html):
        if html.strip():
            read(html)
        return html
    return check


def check_texts(_dataset, texts):
    for language, messages in texts.items():
        if language not in LANGUAGES:
            raise Refused("This language is not offered.")
        for message, text in messages.items():
            check_text(message, text)
    return texts


def check_text(message, text):
    """An own wording has the same places for values as ours."""
    if len(text) > TEXT:
        raise Refused(f"A text has at most {TEXT:,} characters.", message)
    if sorted(_place.findall(text)) != sorted(_place.findall(message)):
        needed = ", ".join(f"%({name})s" for name in _place.findall(message)) or "none"
        raise Refused(f"“{text[:40]}”: the places for values must be the same as in ours ({needed}).", message)
    try:
        text % dict.fromkeys(_place.findall(message), "")
    except (ValueError, TypeError, KeyError):
        raise Refused(f"“{text[:40]}”: write a per cent sign twice.", message) from None


def check_order(dataset, names):
    known = {field.name for field in dataset.fields}
    if unknown := [name for name in names if name not in known]:
        raise Refused(f"There is no field “{unknown[0]}”.", "order")
    return names


CHECKS = {"theme": check_theme, "page": check_frame(cleaner.page), "mail": check_frame(cleaner.mail),
          "sheet": lambda _dataset, css: cleaner.sheet(css), "texts": check_texts, "order": check_order}


def keep_logo(dataset, data):
    """Store a picture, written anew; gives the key by which pages show it."""
    if len(data) > LOGO:
        raise Refused("A logo has at most 200 kB.", "logo")
    made = pictures.anew(data)
    if not made:
        raise Refused("This is no PNG, JPEG, GIF or WebP picture that can be shown.", "logo")
    picture = Picture(dataset_id=dataset.id, kind=made[0], data=made[1])
    db.session.add(picture)
    db.session.flush()
    return picture.key


def picture(key):
    found = db.session.scalar(select(Picture).where(Picture.key == key))
    if not found:
        raise NotFound("There is no such picture.")
    return found


def merged(dataset, list=None, draft=False):
    """What counts for a list: its own parts, else its site's."""
    found = dict(EMPTY)
    for look in [of(dataset), of(dataset, list)] if list is not None else [of(dataset)]:
        own = look.draft if draft else look.live
        found = {name: joined(value, own.get(name)) for name, value in found.items()}
    return found


def joined(value, own):
    if isinstance(value, dict):
        return {**value, **{name: joined(value.get(name), part) for name, part in (own or {}).items() if part}}
    return own or value


def version(dataset):
    """Changes with every release of the site's or a list's look."""
    return sum(db.session.scalars(select(Look.version).where(Look.dataset_id == dataset.id)))
