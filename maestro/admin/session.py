"""Signing in and out, the second step, a forgotten password, and giving the password once more."""

from flask import flash, g, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user

from maestro import audit
from maestro.accounts import factors, passwords, resets, sessions, settings, throttle, users
from maestro.admin.cookie import config, give_cookie, read_session
from maestro.admin.door import beside, bp, commit, needs, refusals
from maestro.admin.forms.accounts import CodeForm, ConfirmForm, ForgotForm, ResetForm, SignInForm
from maestro.lib import web

WRONG = "That name and password do not match."


@beside("/", methods=["GET"])
@needs("anyone")
def front():
    return redirect(url_for("admin.home"))


@beside("/login", methods=["GET", "POST"])
@needs("anyone")
def sign_in():
    form = SignInForm()
    if form.validate_on_submit():
        user = users.by_email(form.email.data)
        if proves(user, form.email.data, form.password.data):
            return begin(user)
        form.form_errors.append(WRONG)
    page = render_template("admin/sign_in.html", form=form, set_up=users.has_administrator())
    return page, 422 if form.errors else 200


def proves(user, email, password):
    """Whether the password is that of `user` (None: unknown). The try is counted and committed before the slow look."""
    throttle.take("password", email, request.remote_addr)
    commit()
    right = passwords.matches(user and user.password_hash, password) and user.is_active
    if right:
        throttle.forgive("password", email, request.remote_addr)
    else:
        audit.record("user.log_in_failed", user, user)
    commit()
    return right


def begin(user):
    """Open a session under a new id, on the way to the page that was wanted or to the second step."""
    users.rehash(user, request.form["password"])
    if old := read_session():
        sessions.forget(old)
    token = sessions.start(user, request.remote_addr, request.user_agent.string, factor_due=user.totp_on)
    if not user.totp_on:
        audit.record("user.log_in", user, user)
    commit()
    session.clear()
    return give_cookie(onward("admin.sign_in_code" if user.totp_on else None), token)


def onward(step=None):
    """To the next step of signing in, else where the user wanted to go."""
    wanted = web.own_path(request.args.get("next"))
    return redirect(url_for(step, next=wanted) if step else wanted or url_for("admin.home"), 303)


@beside("/login/code", methods=["GET", "POST"])
@needs("anyone")
def sign_in_code():
    half = read_session()
    if not half or not half.factor_due or not sessions.is_fresh(half):
        return redirect(url_for("admin.sign_in", next=web.own_path(request.args.get("next"))))
    form = CodeForm()
    if form.validate_on_submit():
        if gives_factor(half.user, form.code.data):
            token = sessions.renew(half, factor_due=False)
            audit.record("user.log_in", half.user, half.user)
            commit()
            return give_cookie(onward(), token)
        form.code.errors = ["This code is not right, or was used already."]
    return render_template("admin/totp.html", form=form), 422 if form.errors else 200


def gives_factor(user, code):
    throttle.take("code", user.email, request.remote_addr)
    commit()
    right = factors.is_good(user, code) or factors.recover(user, code)
    if right:
        throttle.forgive("code", user.email, request.remote_addr)
    else:
        audit.record("user.factor_failed", user, user)
    commit()
    return right


@beside("/logout", methods=["POST"])
@needs("anyone")
def sign_out():
    if found := read_session():
        audit.record("user.log_out", found.user, found.user)
        sessions.forget(found)
        commit()
    session.clear()
    g.log_in = None
    return give_cookie(redirect(url_for("admin.sign_in"), 303), "")


@bp.route("/confirm", methods=["GET", "POST"])
@needs("account.edit")
def confirm_password():
    """Before sensitive things: the password, if it was given more than ten minutes ago."""
    form = ConfirmForm()
    if form.validate_on_submit():
        if proves(current_user, current_user.email, form.password.data):
            token = sessions.freshen(g.log_in)
            commit()
            return give_cookie(onward(), token)
        form.password.errors = ["This is not your password."]
    return render_template("admin/confirm.html", form=form), 422 if form.errors else 200


@beside("/forgot", methods=["GET", "POST"])
@needs("anyone")
def forgot():
    """The same answer for every address (T14)."""
    form, asked = ForgotForm(), False
    if form.validate_on_submit():
        throttle.take("reset", form.email.data, request.remote_addr)
        resets.ask(form.email.data, config())
        commit()
        asked = True
    sends = settings.smtp_url(config()) is not None
    return render_template("admin/forgot.html", form=form, asked=asked, sends=sends), 422 if form.errors else 200


@beside("/reset/<token>", methods=["GET", "POST"])
@needs("anyone")
def reset(token):
    """A new password by link. Nobody is signed in by it: the second factor is asked for as always."""
    user, form = resets.owner(token), ResetForm()
    if form.validate_on_submit():
        with refusals(form):
            resets.use(token, form.password.data, config())
            commit()
            flash("Your password is set. Sign in with it.")
            return redirect(url_for("admin.sign_in"), 303)
    page = make_response(render_template("admin/reset.html", form=form, email=user.email), 422 if form.errors else 200)
    page.headers["Referrer-Policy"] = "no-referrer"
    return page
