import json
import re
from pathlib import Path

import pytest

from maestro.lib.assets import Assets

ROOT = Path(__file__).parent.parent.parent
MANIFEST = {
    "static/src/admin.js": {
        "file": "assets/admin-1.js", "name": "admin", "isEntry": True, "css": ["assets/admin-2.css"]},
    "static/src/public.css": {"file": "assets/public-3.css", "name": "public", "isEntry": True},
    "static/src/icons.json": {"file": "assets/icons-4.svg"},
}


@pytest.fixture
def built(tmp_path):
    write(tmp_path, MANIFEST)
    return Assets(tmp_path)


def write(folder, manifest):
    (folder / "dist").mkdir(exist_ok=True)
    (folder / "dist" / "manifest.json").write_text(json.dumps(manifest))


def test_an_entry_names_its_sheets_and_its_script(built):
    assert built.entry("admin") == (["/static/dist/assets/admin-2.css"], "/static/dist/assets/admin-1.js")
    assert built.entry("public") == (["/static/dist/assets/public-3.css"], None)
    assert built.icon("home") == "/static/dist/assets/icons-4.svg#home"


def test_before_the_first_build_there_is_the_public_sheet_as_written(tmp_path):
    assets = Assets(tmp_path)
    assert not assets.built
    assert assets.entry("public") == (["/static/src/public.css"], None)


def test_a_new_build_is_seen_without_a_restart(built, tmp_path):
    assert built.icon("home").startswith("/static/dist/assets/icons-4")
    write(tmp_path, MANIFEST | {"static/src/icons.json": {"file": "assets/icons-55.svg"}})
    assert built.icon("home") == "/static/dist/assets/icons-55.svg#home"


def test_every_drawing_that_a_page_names_is_in_the_sprite():
    sprite = set(json.loads((ROOT / "static/src/icons.json").read_text()))
    for page in (ROOT / "templates").rglob("*.html"):
        named = set(re.findall(r"""\bicon(?:_name)?(?:\(|=)"([a-z0-9-]+)\"""", page.read_text()))
        assert named <= sprite, f"{page.name}: add {sorted(named - sprite)} to static/src/icons.json"
