"""The laws of the house: where imports may point, what a table may hold, and that no door stands open."""

import ast
import re
from pathlib import Path

import pytest

from maestro import permissions
from maestro.config import Config

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "maestro").rglob("*.py")) + [ROOT / "app.py"]
FLOORS = [
    {"config", "lib"}, {"extensions"}, {"background"}, {"models"},
    {"permissions", "audit", "notices", "seals", "leases", "migrations"},
    {"accounts", "warehouse", "content"}, {"exchange", "delivery"}, {"tracking"}, {"mailing"},
    {"reports", "actions", "sample", "health", "site"}, {"triggers", "schedule"}, {"worker"},
    {"admin", "subscriber", "external"}, {"cli"}, {"supervisor"}, {"app"}]
HEIGHT = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
UNNAMED = {"utils", "helpers", "common", "manager", "service", "handler", "base", "misc", "tools"}


def room(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "maestro" and len(parts) > 1 else parts[0]


def tree(path):
    return ast.parse(path.read_text())


def lines(path):
    return len(path.read_text().splitlines())


def imports(path):
    """The rooms of ours that a file imports, wherever in it the import stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "maestro":
            rest = node.module.split(".")[1:]
            yield from rest[:1] or [alias.name for alias in node.names]
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("maestro."))


def short(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=short)
def test_imports_only_point_down(path):
    mine = room(path)
    for other in imports(path):
        assert other == mine or HEIGHT[other] < HEIGHT[mine], f"{short(path)} reaches up or sideways to {other}"


def test_the_checker_knows_nothing_of_what_it_checks():
    found = {name.split(".")[0] for node in ast.walk(tree(ROOT / "tests" / "parts" / "checker.py"))
             for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else
                          [node.module or "tests"] if isinstance(node, ast.ImportFrom) else [])}
    assert found and not found & {"maestro", "app", "tests", "bench"}


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_import_hides_in_a_function(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [inner.lineno for node in functions for inner in ast.walk(node)
              if isinstance(inner, ast.Import | ast.ImportFrom)]
    assert not hidden, f"{short(path)} imports inside a function, line {hidden}"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_has_one_reason_and_is_named_by_it(path):
    limit = 900 if path.name == "models.py" else 260
    assert lines(path) <= limit, f"{short(path)} is longer than {limit} lines: split it"
    assert path.stem not in UNNAMED, f"{short(path)}: say what it does"
    if path.name == "__init__.py" and room(path) not in ("admin", "subscriber", "external", "cli"):
        assert not path.read_text().strip(), f"{short(path)} must be empty"


def test_most_files_are_one_screen_of_verbs():
    sizes = sorted(lines(path) for path in FILES if lines(path))
    assert sizes[len(sizes) // 2] <= 80, "half of the files are longer than 80 lines"
    assert sizes[len(sizes) * 95 // 100] <= 200, "more than a few files are longer than 200 lines"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_functions_fit_on_half_a_screen(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 40, f"{short(path)}:{node.lineno} {node.name} is too long"


def test_models_are_nouns_only():
    path = ROOT / "maestro" / "models.py"
    assert set(imports(path)) <= {"extensions", "lib"}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 5, f"{node.name} is a verb: it belongs in a room"
    assert not re.search(r"\bselect\(|\bsession\b", path.read_text())


@pytest.mark.parametrize("path", [*FILES, *(ROOT / "templates").rglob("*.html")], ids=short)
def test_nothing_trusts_text_blindly(path):
    text = path.read_text()
    for word in (r"\|\s*safe\b", r"\bMarkup\(", r"_external\s*=\s*True", r"\bpickle\b", r"yaml\.load\(", r"\bshelve\b"):
        assert not re.search(word, text), f"{short(path)} uses {word}"


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    missing = [name for name in Config.__dataclass_fields__ if f"MAESTRO_{name}" not in readme]
    assert not missing, f"The README does not say what these settings are: {missing}"


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]


def test_every_admin_route_names_the_right_that_opens_it(sqlite_app):
    views = sqlite_app.view_functions
    shut = [rule.endpoint for rule in rules(sqlite_app) if not getattr(views[rule.endpoint], "right", None)]
    assert not shut, f"These routes name no right: {shut}"


def test_every_named_right_is_in_the_table(sqlite_app):
    named = {sqlite_app.view_functions[rule.endpoint].right for rule in rules(sqlite_app)}
    assert named - {"anyone"} <= set(permissions.RIGHTS), named


def test_routes_that_change_something_take_no_get(sqlite_app):
    allowed = {"GET", "HEAD", "OPTIONS"}
    for rule in rules(sqlite_app):
        if re.search(r"/(remove|delete|move|apply|cancel|clear)\b", rule.rule):
            assert not (rule.methods & allowed - {"OPTIONS"}) or rule.methods & {"POST"}, rule.rule
