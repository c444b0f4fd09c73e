"""The languages of what subscribers read: pages, and mails that we write ourselves.

Messages stand in English in the code and the templates, `_("...")`; their translations are read from the .po files
of `maestro/translations`. A request, or a mail inside `speaking(language)`, has one language; by default English.
"""

import gettext as catalogues
import io
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages import mofile, pofile
from flask import g, request

FOLDER = Path(__file__).parent.parent / "translations"
LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "pt": "Português",
             "nl": "Nederlands", "sv": "Svenska"}            # as their speakers call them
ENGLISH = "en"

_language = ContextVar("language", default=ENGLISH)
_own: ContextVar[dict] = ContextVar("own", default={})  # noqa: B039 - a site owner's wordings by message; only replaced


@lru_cache
def catalogue(language):
    """The translations of a language; English, and one that we do not have, says what stands in the code."""
    if language == ENGLISH or language not in LANGUAGES:
        return catalogues.NullTranslations()
    compiled = io.BytesIO()
    with open(FOLDER / f"{language}.po", "rb") as file:
        mofile.write_mo(compiled, pofile.read_po(file, locale=language))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def current():
    """The code of the language that is spoken now."""
    return _language.get()


def speak(language):
    """Speak this language for the rest of the request; one that we do not have is English."""
    _language.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def speaking(language):
    """Speak a language for a while: around the writing of a mail."""
    mark, own = _language.set(language if language in LANGUAGES else ENGLISH), _own.set({})
    try:
        yield
    finally:
        _language.reset(mark)
        _own.reset(own)


def reword(messages):
    """Say these messages in other words for the rest of the request: {message: text in the language that is spoken}."""
    _own.set(messages)


def said(message):
    """The message before its values are filled in."""
    return _own.get().get(message) or catalogue(current()).gettext(message)


def gettext(message, **values):
    """`message` in the language that is spoken, its %(name)s filled; a per cent sign is written twice."""
    return said(message) % values


def ngettext(one, many, count, **values):
    """The form of the message that the language uses for `count`, which may stand in it as %(num)s."""
    return catalogue(current()).ngettext(one, many, count) % {"num": count, **values}


class lazy:
    """A message that is translated when it is shown: labels of forms, sentences of validators."""

    def __init__(self, message, **values):
        self.message = message
        self.values = values

    def __str__(self):
        return gettext(self.message, **self.values)


def messages(language):
    """All messages without plural forms, as (English, in this language), in alphabetical order."""
    with open(FOLDER / "de.po", "rb") as file:
        known = sorted(message.id for message in pofile.read_po(file) if message.id and isinstance(message.id, str))
    return [(message, catalogue(language).gettext(message)) for message in known]


def direction(language):
    """`rtl` for a language that is written from right to left, else `ltr`."""
    return "rtl" if Locale.parse(language).text_direction == "rtl" else "ltr"


def offer(codes):
    """Speak, for the rest of the request, the language of `codes` that its reader wants most; else the first of them.

    What stands in the address (`?lang=de`) counts before what the browser asks for.
    """
    reword({})
    g.offered = [code for code in codes if code in LANGUAGES] or [ENGLISH]
    tags = [request.args.get("lang", ""), *request.accept_languages.values()]
    wanted = [code for tag in tags for code in (tag, tag.partition("-")[0])]
    speak(next((code for code in wanted if code in g.offered), g.offered[0]))


def day(moment):
    """A date as the language writes it, `23 November 2026`."""
    return dates.format_date(moment, "long", locale=region())


def month(moment):
    """A month as the language writes it, `November 2026`."""
    return dates.format_skeleton("yMMMM", moment, locale=region())


def time(local):
    """A day and a time of day, already on the reader's clock: `23 November 2026, 08:00`."""
    return f"{day(local)}, {dates.format_time(local, 'HH:mm', locale=region())}"


def number(count):
    """A whole number with the marks of thousands that the language has."""
    return numbers.format_decimal(count, locale=region())


def region():
    """English is written as in Europe: the day before the month."""
    return "en_GB" if current() == ENGLISH else current()


def prepare(app):
    """Messages in templates. A request begins in its reader's language, until a door says which ones it offers."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(
        said, lambda one, many, count: catalogue(current()).ngettext(one, many, count), newstyle=True)
    app.before_request(lambda: offer(LANGUAGES))
    app.context_processor(lambda: {"language": current(), "direction": direction(current()), "languages": LANGUAGES})
    app.jinja_env.filters.update(local_day=day, local_month=month)
