"""The door for users: shut unless a view names the right that opens it. Views import everything they need from here."""

from contextlib import contextmanager

from flask import Blueprint, abort, current_app, flash, g, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from maestro import audit, permissions
from maestro.accounts import factors, sessions, settings
from maestro.admin.cookie import config
from maestro.extensions import db, set_reading
from maestro.lib import failures, tongues, web
from maestro.lib.errors import Forbidden, MaestroError, NotFound, Refused, WrongState

bp = Blueprint("admin", __name__, url_prefix="/admin")


class StaleLogIn(Forbidden):
    """The password was given too long ago for what is asked."""


def needs(right, fresh=False):
    """Mark a view with the right that opens it; "anyone" for those before the log-in.

    `fresh`: the password must have been given within the last ten minutes.
    """
    def mark(view):
        view.right, view.fresh = right, fresh
        return view
    return mark


def beside(rule, methods=("GET",)):
    """Route a view beside /admin, such as /login; its endpoint is called admin.NAME all the same."""
    def mark(view):
        bp.record(lambda state: state.app.add_url_rule(rule, f"{bp.name}.{view.__name__}", view, methods=list(methods)))
        return view
    return mark


@bp.before_request
def guard():
    """Nothing passes that another site sent, that names no right, or whose user does not hold it."""
    set_reading(request.method in ("GET", "HEAD", "OPTIONS"))
    g.origin = "admin"
    tongues.speak(tongues.ENGLISH)
    g.log_in, g.zone = None, settings.get("zone")
    if "admin" not in web.origins(web.host(), config()):
        return elsewhere()
    if web.is_forged():
        abort(403, "This came from another site. Open the page here and repeat it.")
    view = current_app.view_functions[request.endpoint]
    right = getattr(view, "right", None)
    if right == "anyone":
        return None
    if not current_user.is_authenticated:
        return sign_in_first()
    g.user_id = current_user.id
    if right is None or not permissions.may(current_user, right):
        abort(403)
    if right != "account.edit" and factors.is_due(current_user, config()):
        flash("Set up your second factor first. Administrators need one here.", "warn")
        return redirect(url_for("admin.account"))
    if view.fresh:
        be_fresh()
    return None


def elsewhere():
    """Admin pages are served at their own address alone; on this machine, who looks next door is shown the way."""
    if request.method != "GET" or not factors.is_loopback(config().admin_url):
        abort(404)
    return redirect(config().admin_url + web.here())


def sign_in_first():
    if web.wants_json() or request.method in web.UNSAFE:
        abort(401, "Sign in first.")
    return redirect(url_for("admin.sign_in", next=web.here()))


def be_fresh():
    """Go on only when the password was given within the last ten minutes."""
    if not sessions.is_fresh(g.log_in):
        raise StaleLogIn("Give your password first.")


@bp.errorhandler(StaleLogIn)
def ask_password(_refusal):
    """Ask for the password and come back: to the page itself, or to the one whose button was pressed."""
    db.session.rollback()
    path = web.here() if request.method == "GET" else web.referrer_path()
    return redirect(url_for("admin.confirm_password", next=path), 303)


@bp.errorhandler(MaestroError)
def refuse(refusal):
    """What no form shows by itself: a sentence over the page from which it came, else a page of its own."""
    db.session.rollback()
    page = request.method in web.UNSAFE and not web.wants_json() and web.referrer_path()
    if not page or refusal.status in (403, 404, 429):
        return failures.refused(refusal)
    flash(refusal.sentence, "bad")
    return failures.go_back(refusal)


@bp.teardown_request
def note_use(_error):
    """The time of a session's last request, in a transaction of its own: the view's may only read."""
    session = g.get("log_in")
    if session is None or not sessions.is_stale(session):
        return
    try:
        db.session.rollback()
        set_reading(False)
        sessions.touch(session.id)
        db.session.commit()
    except OperationalError:
        db.session.rollback()                      # too busy: the next request tries again


def find(model, number, elsewhere=False):
    """The row of `model` with this number, if the user may see it; else there is no such thing.

    `elsewhere`: a site administrator may look at other groups' too; the audit tells of it.
    """
    wanted = permissions.visible(model, current_user, elsewhere).where(model.id == number)
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound("There is no such thing here, or not for you.")
    if elsewhere and audit.group_of(found, None) not in (None, current_user.group_id):
        note_look(found)
    return found


def note_look(found):
    """Tell the audit of a look at another group's thing, in a transaction of its own: the page's only reads."""
    db.session.rollback()
    set_reading(False)
    audit.record("dataset.look", found, current_user, name=found.name)
    db.session.commit()
    set_reading(True)


def visible(model, elsewhere=False):
    """A select of the rows that the user of this request may see."""
    return permissions.visible(model, current_user, elsewhere)


@contextmanager
def refusals(form):
    """Show what a verb refuses at the field it names; the view then renders its page again."""
    try:
        yield
    except (Refused, WrongState) as refusal:
        db.session.rollback()
        if refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, refusal.sentence]
        else:
            form.form_errors.append(refusal.sentence)


def commit():
    db.session.commit()


def go(endpoint, said=None, **values):
    """Commit, say something in passing and show the next page: how a view that changed something ends."""
    db.session.commit()
    if said:
        flash(said)
    return redirect(url_for(endpoint, **values), 303)


@bp.app_context_processor
def shown_everywhere():
    """What the frame of the admin pages needs."""
    if g.get("origin") != "admin" or g.get("is_broken"):
        return {}
    return {"safe_mode": settings.smtp_url(config()) is None, "zone": g.zone}


def prepare(app):
    """Open this door in `app`."""
    app.jinja_env.globals["may"] = may
    app.register_blueprint(bp)


def may(right):
    return permissions.may(current_user, right)
