"""What Ctrl K finds: pages, things to do, jobs, whatever has a name, and people by address for who may see them."""

from typing import NamedTuple

from flask import request, url_for
from flask_login import current_user
from sqlalchemy import or_

from maestro import permissions
from maestro.admin.door import bp, needs, visible
from maestro.extensions import db
from maestro.lib import web
from maestro.models import Connection, Dataset, Exporter, HostedList, Importer, MailJob, TargetGroup
from maestro.warehouse import people

MOST = 6                                           # of each kind
PAGES = (                                          # label, what it is, icon, endpoint, right
    ("Home", "Page", "home", "admin.home", "home.see"),
    ("Mail jobs", "Page", "mail", "admin.jobs", "job.see"),
    ("Write a new job", "Action", "plus", "admin.job_new", "job.edit"),
    ("Audience", "Page", "users", "admin.datasets", "dataset.see"),
    ("Importers", "Page", "database-import", "admin.imports", "import.see"),
    ("Change log", "Page", "history", "admin.changes", "changes.see"),
    ("Connections", "Page", "plug", "admin.connections", "connection.see"),
    ("Lookup tables", "Page", "list-details", "admin.lookups", "dataset.see"),
    ("Scripts", "Page", "key", "admin.scripts", "token.show"),
    ("Outbox", "Page", "inbox", "admin.outbox", "outbox.see"),
    ("Your account", "Page", "user", "admin.account", "account.edit"),
    ("Settings", "Page", "settings", "admin.settings", "settings.edit"),
    ("Users", "Page", "users-group", "admin.users_list", "user.manage"),
    ("Audit log", "Page", "history", "admin.audit_log", "audit.see"),
    ("Status", "Page", "activity", "admin.status", "status.see"),
)


@bp.get("/palette")
@needs("home.see")
def palette():
    asked = request.args.get("q", "").strip()[:100]
    return web.answer({"items": [*pages(asked), *(found for look in LOOKS for found in look(asked) if asked)]})


def item(label, hint, icon, url, post=False):
    return {"label": label, "hint": hint, "icon": icon, "url": url, "post": post}


def pages(asked):
    found = [item(label, hint, icon, url_for(endpoint)) for label, hint, icon, endpoint, right in PAGES
             if permissions.may(current_user, right) and asked.lower() in label.lower()]
    out = item("Sign out", "Action", "logout", url_for("admin.sign_out"), post=True)
    return [*found, out] if asked.lower() in "sign out" else found


def jobs(asked):
    matching = visible(MailJob).where(or_(MailJob.title.icontains(asked, autoescape=True),
                                          MailJob.code.istartswith(asked, autoescape=True)))
    for job in db.session.scalars(matching.order_by(MailJob.id.desc()).limit(MOST)):
        yield item(job.title, f"Job {job.code}", "mail", url_for("admin.job", job_id=job.id))


class Kind(NamedTuple):
    """Things that are found by their name."""

    model: object
    word: str
    icon: str
    endpoint: str
    number: str                                    # the page's parameter
    right: str


KINDS = (
    Kind(HostedList, "List", "list", "admin.list", "list_id", "dataset.see"),
    Kind(Dataset, "Dataset", "users", "admin.dataset", "dataset_id", "dataset.see"),
    Kind(TargetGroup, "Target group", "filter", "admin.target", "target_id", "target.edit"),
    Kind(Importer, "Importer", "database-import", "admin.importer", "importer_id", "import.see"),
    Kind(Exporter, "Exporter", "download", "admin.exporter", "exporter_id", "person.export"),
    Kind(Connection, "Connection", "plug", "admin.connection", "connection_id", "connection.see"),
)


def things(asked):
    for kind in KINDS:
        if permissions.may(current_user, kind.right):
            matching = visible(kind.model).where(kind.model.name.icontains(asked, autoescape=True))
            for found in db.session.scalars(matching.order_by(kind.model.name).limit(MOST)):
                yield item(found.name, hint(kind, found), kind.icon, url_for(kind.endpoint, **{kind.number: found.id}))


def hint(kind, found):
    """What it is, and of which list or dataset."""
    whole = getattr(found, "list", None) or getattr(found, "dataset", None)
    return f"{kind.word} of {whole.name}" if whole else kind.word


def persons(asked):
    if "@" not in asked or not permissions.may(current_user, "person.see"):
        return
    for dataset in db.session.scalars(visible(Dataset).order_by(Dataset.name).limit(20)):
        for row in people.page(dataset, search=asked, size=MOST).rows:
            yield item(row["address"], f"Person in {dataset.name}", "user",
                       url_for("admin.person", dataset_id=dataset.id, member_id=row["id"]))


LOOKS = (jobs, things, persons)
