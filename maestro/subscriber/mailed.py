"""Behind the links in the mails of a site: a page with one button, which does what the mail said."""

from flask import abort, redirect, request, url_for

from maestro.extensions import csrf, db
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.site import joining, links, moving, preferences, signup, visiting
from maestro.subscriber.door import bp
from maestro.subscriber.entrance import MEMBERS, message, remember, show, welcome
from maestro.warehouse import members


@bp.get("/c/<token>")
def mailed_link(token):
    """What the link is for. Looking changes nothing: mail scanners open every link."""
    link, site = found(token)
    return shown(link, site)


@bp.post("/c/<token>")
@csrf.exempt
def mailed_link_press(token):
    """The token is the credential."""
    link, site = found(token)
    answer = refuse(link, site) if request.form.get("no") else PRESSED[link.purpose](link, site)
    db.session.commit()
    return answer


def found(token):
    link = links.read(token)
    return link, welcome(signup.site_of(link), MEMBERS)


def shown(link, site, status=200, error=None):
    """The page before the press: what the button does, or that the link is over."""
    step = "ask" if links.is_good(link) else "used" if link.used_at else "over"
    is_no = bool(request.args.get("no")) and link.purpose == "join"
    return show("mailed", site, status, link=link, step=step, is_no=is_no, error=error, address=link.address,
                lists=signup.lists_of(link) if link.purpose == "join" else ())


def refuse(link, site):
    if link.purpose != "join":
        abort(400)
    joining.refuse(link)
    return message(site, _("This stops here"),
                   _("Nothing comes of this sign-up, and for 90 days nobody can ask for another one to this address."))


def join(link, site):
    """Confirm the sign-up; a link that is over is replaced by a new mail."""
    if not link.used_at and not links.is_good(link):
        joining.again(link, request.remote_addr)
        return message(site, _("Check your inbox"),
                       _("We sent a new message to your address. Open it and confirm there."))
    try:
        unkept = joining.confirm(link, request.remote_addr)
    except Refused as refusal:
        db.session.rollback()
        return shown(link, site, 422, refusal.sentence)
    lists = signup.lists_of(link)
    row = members.find(site.dataset, link.address)
    return show("welcome", site, lists=lists, again=unkept is None, unkept=unkept, row=row)


def log_in(link, site):
    row = members.find_by_id(site.dataset, link.member_id)
    if not row or not links.take(link):
        return shown(link, site)
    return remember(redirect(url_for(".area", key=site.key), 303), site, visiting.start(site, row))


def address(link, site):
    if not moving.confirm(site, link, request.remote_addr):
        return shown(link, site)
    return message(site, _("Your address is changed"),
                   _("From now on our mails go to this address. The old one is told so."))


def password(link, site):
    """Set the password and go in. A password that is refused leaves the link as it is."""
    row = members.find_by_id(site.dataset, link.member_id)
    try:
        if not row or not links.take(link):
            return shown(link, site)
        preferences.set_password(site, row, request.form.get("password", ""), request.remote_addr)
    except Refused as refusal:
        db.session.rollback()
        return shown(link, site, 422, refusal.sentence)
    return remember(redirect(url_for(".area", key=site.key), 303), site, visiting.start(site, row))


PRESSED = {"join": join, "log_in": log_in, "address": address, "password": password}
