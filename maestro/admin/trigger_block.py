"""The block of a page in which an external action is shown, copied, renewed and restricted; the page of all scripts."""

from flask import flash, render_template, session, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from maestro import actions
from maestro.admin.door import bp, find, go, may, needs, refusals, visible
from maestro.extensions import db
from maestro.models import Action, ActionCall

PAGES = {"import": ("admin.importer", "importer_id"), "export": ("admin.exporter", "exporter_id")}
BODY = "-H \"Content-Type: text/csv\" --data-binary @people.csv "
NAMES = {"import": "Launches the importer", "export": "Downloads"}


class ActionForm(FlaskForm):
    gap = IntegerField("Seconds in which a second call is the same call", [InputRequired(), NumberRange(0, 86_400)],
                       description="wget repeats a call whose answer was lost. 0: every call counts.")
    allow = TextAreaField("Who may call", [Length(max=5000)],
                          description="Addresses or networks such as 192.0.2.0/24, one a line. Empty: everybody who "
                          "knows the token.")
    post_only = BooleanField("POST only", description="A link that somebody opens then does nothing.")


def of(kind, subject):
    """What the block shows, or None for who may not see tokens. The token is there for one page after “Show”."""
    if not may("token.show"):
        return None
    action = actions.find(kind, subject)
    token = actions.token(action) if action and session.pop("shown_action", None) == action.id else None
    return {"kind": kind, "subject": subject, "action": action, "commands": token and commands(action, subject, token),
            "calls": actions.calls(action) if action else []}


def commands(action, subject, token):
    """What can be copied: (what it is, text). In a header the token stays out of the logs on the way."""
    body = getattr(subject, "source", "") == "post"
    how = BODY if body else "-X POST " if action.post_only else ""
    found = [("Command, with the token in a header", f'curl -fsS {how}-H "Authorization: Bearer {token}" '
              f'"{actions.address()}"')]
    return found if body or action.post_only else [*found, ("Address, with the token in it", actions.url(token))]


def page_of(action):
    endpoint, name = PAGES[action.kind]
    return url_for(endpoint, **{name: action.subject_id})


@bp.post("/actions/<any(import, export):kind>/<int:subject_id>")
@needs("token.show", fresh=True)
def action_new(kind, subject_id):
    """Make the token of a thing that had none, and show it."""
    return show(actions.of(kind, find(actions.SUBJECTS[kind], subject_id), current_user))


@bp.post("/actions/<int:action_id>/show")
@needs("token.show", fresh=True)
def action_show(action_id):
    return show(find(Action, action_id))


def show(action):
    actions.show(action, current_user)
    session["shown_action"] = action.id
    endpoint, name = PAGES[action.kind]
    return go(endpoint, **{name: action.subject_id})


@bp.post("/actions/<int:action_id>/renew")
@needs("token.show", fresh=True)
def action_renew(action_id):
    action = find(Action, action_id)
    actions.renew(action, current_user)
    flash("There is a new token. The old one is answered with 404 from now on.", "warn")
    return show(action)


@bp.route("/actions/<int:action_id>/rules", methods=["GET", "POST"])
@needs("token.show")
def action_rules(action_id):
    action = find(Action, action_id)
    form = ActionForm(obj=action)
    if form.validate_on_submit():
        with refusals(form):
            actions.set_rules(action, current_user, form.gap.data, form.allow.data, form.post_only.data)
            endpoint, name = PAGES[action.kind]
            return go(endpoint, "Saved.", **{name: action.subject_id})
    return render_template("admin/actions/rules.html", form=form, action=action, back=page_of(action)), (
        422 if form.errors else 200)


@bp.get("/scripts")
@needs("token.show")
def scripts():
    """Every token of the group, with its last use."""
    rows = []
    for action in db.session.scalars(visible(Action).order_by(Action.kind, Action.id)):
        subject = db.session.get(actions.SUBJECTS[action.kind], action.subject_id)
        last = db.session.scalar(select(ActionCall).where(ActionCall.action_id == action.id)
                                 .order_by(ActionCall.id.desc()).limit(1))
        if subject:
            rows.append((action, subject, page_of(action), last))
    return render_template("admin/actions/scripts.html", rows=rows, kinds=NAMES)
