"""The audit log: who did what, when, and whether the book is whole."""

from flask import render_template, request
from sqlalchemy import or_

from maestro import audit
from maestro.admin.door import bp, needs, visible
from maestro.extensions import count, db
from maestro.lib import web
from maestro.models import AuditEntry


@bp.get("/audit")
@needs("audit.see")
def audit_log():
    found = filtered(visible(AuditEntry))
    paging = web.paging(count(found))
    entries = db.session.scalars(found.order_by(AuditEntry.id.desc()).offset(paging.offset).limit(paging.limit)).all()
    return render_template("admin/audit/index.html", entries=entries, paging=paging, q=asked("q"), kind=asked("kind"),
                           kinds=kinds(), words={action: words for action, (words, _) in audit.CATALOGUE.items()})


def asked(name):
    return request.args.get(name, "").strip()


def filtered(found):
    """By kind of thing, and by every word in who, what and to what."""
    if asked("kind") in kinds():
        found = found.where(AuditEntry.action.startswith(f"{asked('kind')}.", autoescape=True))
    for word in asked("q").split()[:5]:
        places = (AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.ip)
        found = found.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return found


def kinds():
    return sorted({action.partition(".")[0] for action in audit.CATALOGUE})
