"""One's own account: password, second factor, open sessions, and how the pages look and listen to keys."""

from flask import g, make_response, render_template, request
from flask_login import current_user

from maestro import notices
from maestro.accounts import factors, passwords, sessions, settings, throttle, users
from maestro.admin.cookie import config, give_cookie
from maestro.admin.door import bp, commit, find, go, needs, refusals
from maestro.admin.forms.accounts import FirstCodeForm, PasswordForm, ProfileForm
from maestro.models import UserSession

BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "Mac",
           "Linux": "Linux"}


@bp.route("/account", methods=["GET", "POST"])
@needs("account.edit")
def account():
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        with refusals(form):
            users.change(current_user, by=current_user, name=form.name.data, theme=form.theme.data,
                         shortcuts=form.shortcuts.data)
            response = go(".account", "Saved.")
            response.delete_cookie("theme")        # the look of this browser alone: the choice here is for all
            return response
    return shown(form=form)


def shown(**values):
    """The page with those of its forms that `values` do not bring."""
    forms = {"form": lambda: ProfileForm(obj=current_user, formdata=None),
             "password": lambda: PasswordForm(formdata=None)}
    found = {name: values.get(name) or make() for name, make in forms.items()}
    wrong = any(form.errors for form in found.values())
    return render_template("admin/account/index.html", open_sessions=sessions.mine(current_user), this=g.log_in,
                           browser=browser,
                           codes_left=factors.codes_left(current_user), due=factors.is_due(current_user, config()),
                           **found), 422 if wrong else 200


def browser(agent):
    """`Firefox on Windows`, as far as the browser says so."""
    name = next((name for sign, name in BROWSERS.items() if sign in agent), "A browser")
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), None)
    return f"{name} on {system}" if system else name


@bp.post("/account/password")
@needs("account.edit")
def account_password():
    """A new password ends every other session, and gives this one a new id."""
    form = PasswordForm()
    if form.validate_on_submit() and knows(form.current):
        with refusals(form):
            users.set_password(current_user, form.password.data, by=current_user, but=g.log_in)
            token = sessions.freshen(g.log_in)
            if settings.smtp_url(config()):
                notices.password_changed(current_user, settings.notices_from(config()))
            return give_cookie(go(".account", "Your password is changed. Other sessions have ended."), token)
    return shown(password=form)


def knows(field):
    """Whether the field holds the user's password; counted like a log-in."""
    throttle.take("password", current_user.email, request.remote_addr)
    commit()
    if passwords.matches(current_user.password_hash, field.data):
        throttle.forgive("password", current_user.email, request.remote_addr)
        return True
    field.errors = ["This is not your password."]
    return False


@bp.route("/account/factor", methods=["GET", "POST"])
@needs("account.edit", fresh=True)
def account_factor():
    """Set the second factor up: scan, give the first code, keep the recovery codes."""
    form = FirstCodeForm()
    uri = factors.enrol(current_user)
    commit()
    if form.validate_on_submit():
        with refusals(form):
            codes = factors.confirm(current_user, form.code.data, by=current_user)
            return with_codes(codes)
    seed = uri.partition("secret=")[2].partition("&")[0]
    return render_template("admin/account/factor.html", form=form, seed=seed,
                           picture=factors.picture(uri)), 422 if form.errors else 200


def with_codes(codes):
    """Show recovery codes, this once. The rights of the session changed: it gets a new id."""
    token = sessions.renew(g.log_in)
    commit()
    return give_cookie(make_response(render_template("admin/account/codes.html", codes=codes)), token)


@bp.post("/account/factor/off")
@needs("account.edit", fresh=True)
def account_factor_off():
    factors.turn_off(current_user, by=current_user)
    return go(".account", "The second factor is off.")


@bp.post("/account/factor/codes")
@needs("account.edit", fresh=True)
def account_codes():
    return with_codes(factors.new_codes(current_user, by=current_user))


@bp.post("/account/sessions/<int:session_id>/end")
@needs("account.edit")
def session_end(session_id):
    sessions.end(find(UserSession, session_id), by=current_user)
    return go(".account", "The session has ended.")


@bp.post("/account/sessions/end")
@needs("account.edit")
def sessions_end():
    sessions.end_all(current_user, but=g.log_in)
    return go(".account", "All other sessions have ended.")
