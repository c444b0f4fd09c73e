"""Puts a site's look on: what its pages show around themselves, its style sheet, its own words, its mails' frame."""

import re
from html import escape
from typing import NamedTuple

from flask import g

from maestro.lib import cleaner, colours, tongues
from maestro.warehouse import looks

FONTS = {"serif": 'Georgia, "Times New Roman", serif', "round": "ui-rounded, Nunito, system-ui, sans-serif",
         "mono": "ui-monospace, Menlo, Consolas, monospace"}
DARK_CARD = (0x1A, 0x22, 0x29)

_url = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


class Dress(NamedTuple):
    """What a page needs to know of its look."""

    before: str = cleaner.Clean()
    after: str = cleaner.Clean()
    sheet: str = ""                                # the address of the style sheet; empty: only ours
    logo: str = ""                                 # the address of the picture


class Own(str):
    """Words of the site's owner: as text they are as written, on a page they are clean HTML."""

    __slots__ = ()

    def __html__(self):
        return cleaner.words(self)


def wear(site, list=None, draft=False):
    """Give the rest of the request, or of a mail, the look of a site or of one of its lists."""
    look = looks.merged(site.dataset, list, draft)
    before, after = cleaner.page(look["page"]) if look["page"].strip() else (cleaner.Clean(), cleaner.Clean())
    logo = look["theme"].get("logo")
    g.dress = Dress(before, after, sheet_address(site, list, look, draft), f"/s/{site.key}/logo/{logo}" if logo else "")
    speak(look)
    return look


def speak(look):
    """Use the owner's own words in the language that is spoken."""
    mine = look["texts"].get(tongues.current(), {})
    tongues.reword({message: Own(text) for message, text in mine.items()})


def sheet_address(site, list, look, draft):
    if not any(look["theme"].values()) and not look["sheet"].strip():
        return ""
    version = "draft" if draft else looks.version(site.dataset)
    return f"/s/{site.key}/look.css?v={version}" + (f"&list={list.key}" if list else "")


def sheet(look):
    """The style sheet: the theme as values of our own variables, then the owner's rules."""
    theme = look["theme"]
    light, dark = [], []
    if theme.get("brand"):
        brand = colours.parse(theme["brand"], "brand")
        deep = colours.made_readable(brand, colours.WHITE, colours.BLACK)
        light += [f"--brand: {colours.written(deep)};", "--on-brand: #fff;"]
        shine = colours.made_readable(brand, DARK_CARD, colours.WHITE)
        dark += [f"--brand: {colours.written(shine)};", "--on-brand: #000;"]
    if theme.get("ground"):
        light.append(f"--ground: {theme['ground']};")
    rules = [f":root {{ {' '.join(light)} }}"] if light else []
    dark = " ".join([*dark, "--ground: #12181e;"])
    rules += [f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"] if light else []
    rules += [f"body {{ font-family: {FONTS[theme['font']]}; }}"] if theme.get("font") else []
    return "\n".join([*rules, look["sheet"]])


def mail(look, text):
    """The HTML of a mail whose text is `text`; empty when the site has no frame for mails."""
    if not look["mail"].strip():
        return ""
    before, after = cleaner.mail(look["mail"])
    return (f'<!DOCTYPE html><html lang="{tongues.current()}" dir="{tongues.direction(tongues.current())}">'
            f'<head><meta charset="utf-8"></head><body>{before}{paragraphs(text)}{after}</body></html>')


def paragraphs(text):
    """Plain text as HTML: paragraphs, line ends, and addresses as links."""
    pieces = [piece for piece in re.split(r"\n\s*\n", text.strip()) if piece.strip()]
    return "".join(f"<p>{linked(piece.strip())}</p>" for piece in pieces)


def linked(text):
    out, at = [], 0
    for match in _url.finditer(text):
        url = escape(match.group())
        out += [escape(text[at:match.start()]), f'<a href="{url}">{url}</a>']
        at = match.end()
    return "".join([*out, escape(text[at:])]).replace("\n", "<br>")


def ordered(look, fields):
    """Fields in the order that the site's owner chose; the others follow."""
    place = {name: number for number, name in enumerate(look["order"])}
    return sorted(fields, key=lambda field: place.get(field.name, len(place)))
