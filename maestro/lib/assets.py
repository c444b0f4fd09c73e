"""What the front-end build left behind: the hashed names of its files, read from its manifest."""

import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    """The addresses of one entry's files: style sheets, and a module script or None."""

    styles: list
    script: str | None


class Assets:
    """Knows the built files below the folder `static`, which is served at `base`.

    Before the first build there is no manifest. `built` is false then, and the public sheet is served as written.
    """

    def __init__(self, static, base="/static/"):
        self.manifest = Path(static) / "dist" / "manifest.json"
        self.base = base

    @property
    def built(self):
        return self.manifest.is_file()

    def entry(self, name):
        if not self.built:
            return Entry([f"{self.base}src/public.css"], None)
        found = next(e for e in self._files().values() if e.get("isEntry") and e["name"] == name)
        if found["file"].endswith(".css"):
            return Entry([self._url(found["file"])], None)
        return Entry([self._url(sheet) for sheet in found.get("css", [])], self._url(found["file"]))

    def icon(self, name):
        """The address of one drawing in the sprite."""
        return f"{self._url(self._files()['static/src/icons.json']['file'])}#{name}"

    def _url(self, file):
        return f"{self.base}dist/{file}"

    def _files(self):
        return read(self.manifest, self.manifest.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def read(manifest, _written):
    """The manifest's contents, read again when the file was written anew."""
    return json.loads(manifest.read_text(encoding="utf-8"))


def prepare(app):
    """Give templates `assets`, and leave no blank lines where their tags stood."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["assets"] = Assets(app.static_folder)
