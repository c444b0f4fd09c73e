"""Logging in to a site: by a mailed link, or by a password where the site has them."""

from flask import abort, redirect, request, url_for

from maestro.extensions import csrf, db
from maestro.lib import tongues
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.site import visiting
from maestro.subscriber import sealed
from maestro.subscriber.door import bp
from maestro.subscriber.entrance import COOKIE, MEMBERS, enter, forget, message, remember, show, visitor


@bp.get("/s/<key>/login")
def log_in(key):
    site = enter(key, MEMBERS)
    if visitor(site):
        return redirect(url_for(".area", key=key))
    return shown(site)


@bp.post("/s/<key>/login")
@csrf.exempt
def log_in_send(key):
    """Signed by its page. A link is mailed; with a password the member is in at once."""
    site = enter(key, MEMBERS)
    sealed.age(key)
    if site.passwords and request.form.get("password"):
        return by_password(site, request.form.get("address", ""), request.form["password"])
    return by_mail(site, "log_in")


@bp.get("/s/<key>/password")
def forgot(key):
    return shown(with_passwords(key), forgot=True)


@bp.post("/s/<key>/password")
@csrf.exempt
def forgot_send(key):
    site = with_passwords(key)
    sealed.age(key)
    return by_mail(site, "password")


@bp.post("/s/<key>/logout")
@csrf.exempt
def log_out(key):
    site, token = enter(key, MEMBERS), request.cookies.get(COOKIE, "")
    sealed.check_guard(token)
    visiting.end(token)
    db.session.commit()
    return forget(redirect(url_for(".site_home", key=key), 303), site)


def with_passwords(key):
    site = enter(key, MEMBERS)
    if not site.passwords:
        abort(404)
    return site


def shown(site, status=200, forgot=False, error=None):
    return show("login", site, status, seal=sealed.seal(site.key), forgot=forgot, error=error,
                address_given=request.form.get("address", "")[:320])


def by_mail(site, purpose):
    """Ask for a link. The answer does not depend on whether the address is known."""
    try:
        if not sealed.is_trapped():
            visiting.ask(site, purpose, request.form.get("address", "")[:320], request.remote_addr, tongues.current())
    except Refused as refusal:
        return shown(site, 422, purpose == "password", refusal.sentence)
    db.session.commit()
    return message(site, _("Check your inbox"), _("If this address is known here, a link is on its way to it."))


def by_password(site, address, password):
    visiting.count_try(site, address, request.remote_addr)
    db.session.commit()
    row = visiting.proves(site, address, password, request.remote_addr)
    if not row:
        return shown(site, 422, error=_("Address and password do not match."))
    visiting.forgive(site, address, request.remote_addr)
    token = visiting.start(site, row)
    db.session.commit()
    return remember(redirect(url_for(".area", key=site.key), 303), site, token)
