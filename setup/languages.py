"""Collects the messages of code and templates into the .po files of every language; what is new there is untranslated.

    .venv/bin/python setup/languages.py
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from maestro.lib.tongues import ENGLISH, FOLDER, LANGUAGES  # noqa: E402

METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy": None}
OPTIONS = {"**.html": {"newstyle_gettext": "true", "trimmed": "true"}, "**.txt": {"newstyle_gettext": "true"}}


def messages():
    """Every message as a catalogue, with the files in which it stands."""
    found = Catalog(project="Maestro", fuzzy=False)
    for place in ("maestro", "templates"):
        for name, _line, message, _comments, context in extract_from_dir(
                ROOT / place, METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True):
            found.add(message, locations=[(f"{place}/{name}", 0)], context=context)
    return found


def path(language):
    return FOLDER / f"{language}.po"


def read(language):
    if not path(language).exists():
        return Catalog(locale=language, project="Maestro", fuzzy=False, last_translator="Maestro",
                       language_team=language, copyright_holder="Maestro",
                       header_comment=f"# Maestro in {LANGUAGES[language]}.")
    with open(path(language), "rb") as file:
        return read_po(file, locale=language)


def write(catalogue, language):
    with open(path(language), "wb") as file:
        write_po(file, catalogue, width=110, no_location=True, ignore_obsolete=True, sort_output=True)


if __name__ == "__main__":
    template = messages()
    for language in LANGUAGES:
        if language != ENGLISH:
            catalogue = read(language)
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            write(catalogue, language)
            missing = sum(not all(m.string) if isinstance(m.string, tuple) else not m.string for m in catalogue if m.id)
            print(f"{language}: {len(catalogue)} messages, {missing} without a translation")
