"""Rights are one table, rows come through one function, and every route of the admin door is tried as everybody."""

import ast
import io
import re
from pathlib import Path

import pytest

from maestro import actions, permissions
from maestro.accounts import sessions
from maestro.delivery import outbox
from maestro.exchange import connections, exporters, importers, imports, sources, writebacks
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import (
    ROLES,
    Action,
    Connection,
    Dataset,
    Field,
    HostedList,
    Importer,
    ImportRun,
    MailJob,
    OutboxMessage,
    Subscription,
    User,
    UserSession,
)
from maestro.warehouse import folders, lookups, targets

ROOT = Path(__file__).parent.parent
IN_TEMPLATES = re.compile(r"""(?:may\(|right=)["']([\w.]+)["']""")
BEFORE_LOG_IN = {"front", "sign_in", "sign_in_code", "sign_out", "forgot", "reset", "set_up"}


def named_in_code():
    """Every right that a file of ours names, in needs(...), may(...) or may_...(...)."""
    for path in (ROOT / "maestro").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("needs", "may"):
                yield from (found.value for found in node.args if isinstance(found, ast.Constant))


def named_in_templates():
    for path in (ROOT / "templates").rglob("*.html"):
        yield from IN_TEMPLATES.findall(path.read_text())


def test_every_right_that_is_used_is_in_the_table():
    assert {*named_in_code(), *named_in_templates()} - {"anyone"} <= permissions.RIGHTS.keys()


def test_exports_and_tokens_are_for_administrators_only():
    for right in ("person.export", "token.show"):
        assert set(permissions.RIGHTS[right]) == {"site", "manager"}


def test_who_sees_counts_does_not_see_addresses():
    seeing = {role for role in ROLES if role in permissions.RIGHTS["job.see"]}
    assert "viewer" in seeing
    assert all("viewer" not in permissions.RIGHTS[right] for right in ("person.see", "outbox.see", "job.recipients"))


def test_nobody_may_anything_when_disabled_or_signed_out(world):
    world.root.disabled_at = clock.now()
    assert not any(permissions.may(world.root, right) for right in permissions.RIGHTS)
    assert not permissions.may(None, "home.see")


def test_a_right_that_is_not_in_the_table_is_a_bug(world):
    with pytest.raises(KeyError):
        permissions.may(world.root, "job.explode")


@pytest.fixture
def things(world):
    """One of each thing of Alice's group, by the name that routes have for its number."""
    job = MailJob(code="261122A", group_id=world.group.id, title="Spring", dataset_id=world.dataset.id,
                  list_id=world.offers.id)
    db.session.add(job)
    key = sources.store(io.BytesIO(b"address,first_name\nann@example.org,Ann\n"))
    run = imports.create(world.dataset, world.offers, key, "people.csv", world.alice)
    outbox.keep(world.group.id, "dave@example.org", "Hello", b"Subject: Hello\r\n\r\nHello\r\n", job.id)
    importer = importers.create(world.dataset, world.offers, "Nightly", "upload", world.alice)
    connection = connections.create(world.group, world.root, name="Shop", kind="sqlite", database="shop.db",
                                    may_write=True)
    writeback = writebacks.create(connection, world.dataset, world.offers, world.alice)
    action = actions.of("import", importer, world.alice)
    target = targets.create(world.dataset, None, "Everybody", {"join": "all", "parts": []}, world.alice,
                            description="Everybody")
    lookup = lookups.create(world.group, "Towns", world.alice)
    exporter = exporters.create(world.dataset, world.offers, "All", world.alice)
    folder = folders.create(world.dataset, "Shop", world.alice)
    sessions.start(world.bob)
    db.session.commit()
    return {"target_id": target.id, "lookup_id": lookup.id, "exporter_id": exporter.id, "folder_id": folder.id,
            "job_id": job.id, "dataset_id": world.dataset.id, "list_id": world.offers.id, "run_id": run.id,
            "group_id": world.group.id, "message_id": db.session.query(OutboxMessage).one().id,
            "importer_id": importer.id, "connection_id": connection.id, "action_id": action.id,
            "writeback_id": writeback.id,
            "subject_id": importer.id, "user_id": world.bob.id, "member_id": world.dave["id"],
            "field_id": world.dataset.fields[0].id, "number": 1,
            "session_id": db.session.query(UserSession).filter_by(user_id=world.bob.id).first().id}


@pytest.mark.parametrize("model", [Action, Connection, Dataset, Field, HostedList, Importer, ImportRun, MailJob,
                                   OutboxMessage, Subscription, User])
def test_rows_of_another_group_are_invisible(world, things, model):
    def seen(user, **options):
        return {row.id for row in db.session.scalars(permissions.visible(model, user, **options))}

    assert seen(world.alice)
    assert not seen(world.alice) & seen(world.carol)
    if model in permissions.ELSEWHERE:
        assert not seen(world.root)
        assert seen(world.alice) <= seen(world.root, elsewhere=True)
        assert seen(world.carol, elsewhere=True) == seen(world.carol)


def routes(app):
    """Every route behind the log-in, with a right."""
    return [rule for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith("admin.") and rule.endpoint[6:] not in BEFORE_LOG_IN]


def path(app, rule, things):
    """The address of a route with the numbers of `things`, the first word where it takes one of some."""
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        words = getattr(converter, "items", None) or getattr(converter, "regex", "")
        word = str(next(iter(words))) if isinstance(words, set | tuple) else "x"
        values[name] = things.get(name, word)
    return app.url_map.bind("127.0.0.1").build(rule.endpoint, values, next(iter(rule.methods - {"HEAD", "OPTIONS"})))


def ask(client, app, rule, things):
    method = "POST" if "GET" not in rule.methods else "GET"
    return client.open(path(app, rule, things), method=method)


@pytest.mark.parametrize("role", ROLES)
def test_each_route_opens_to_those_who_hold_its_right(app, client, world, things, role):
    world.bob.role = role
    db.session.commit()
    wrong = []
    for rule in routes(app):
        right = app.view_functions[rule.endpoint].right
        status = ask(client.as_(world.bob), app, rule, things).status_code
        if (status == 403) != (role not in permissions.RIGHTS[right]) or status >= 500:
            wrong.append(f"{rule} {right} {status}")
    assert not wrong


def test_what_belongs_to_another_group_does_not_exist(app, client, world, things):
    wrong = []
    for rule in routes(app):
        if any(name.endswith("_id") for name in rule.arguments):
            for user in (world.carol, world.root):
                status = ask(client.as_(user), app, rule, things).status_code
                if status not in (404, 403) and not (user is world.root and allowed_elsewhere(rule)):
                    wrong.append(f"{user.email} {rule} {status}")
    assert not wrong


def allowed_elsewhere(rule):
    """What a site administrator does in other groups: users, groups, connections, and looking up ids."""
    looks_up = "GET" in rule.methods and rule.arguments <= {"dataset_id", "list_id"}
    return looks_up or rule.arguments & {"user_id", "group_id", "connection_id"}


def test_signed_out_every_route_leads_to_the_log_in(app, client, world, things):
    wrong = []
    for rule in routes(app):
        answer = ask(client, app, rule, things)
        if answer.status_code != 401 and not (answer.location or "").startswith("/login"):
            wrong.append(f"{rule} {answer.status_code}")
    assert not wrong
