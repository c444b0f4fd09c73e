"""How a page of a site is entered: which site, whether its state allows the page, in which language, and who comes."""

from flask import abort, current_app, g, make_response, request

from maestro.accounts import settings
from maestro.lib import tongues
from maestro.lib.tongues import gettext as _
from maestro.site import dress, letters, visiting
from maestro.subscriber.door import page
from maestro.warehouse import sites

COOKIE = "member"
OPEN, MEMBERS = ("open",), ("open", "subscribers")


def enter(key, states):
    """The site with this public name; pages that its state forbids do not exist."""
    return welcome(sites.by_key(key), states)


def welcome(site, states):
    """Go on in the name of this site, if its state is one of `states`."""
    g.site = site
    speak(site)
    if site.is_closed:
        abort(503, _("These pages are closed for maintenance. Come back a little later. Unsubscribing works all the "
                     "same."))
    if site.state not in states:
        abort(404)
    return site


def speak(site, list=None):
    """Speak the language of the site that the reader wants most, in the look of the list that the page is about."""
    tongues.offer(site.languages or [settings.get("language")])
    dress.wear(site, list or chosen(site))


def is_open(site, states):
    """Whether pages that belong to these states answer now."""
    return not site.is_closed and site.state in states


def chosen(site):
    """The one list that the request is about, if it is about one."""
    keys = request.values.getlist("list")
    return sites.list_by_key(site, keys[0]) if len(keys) == 1 else None


def show(name, site, status=200, **values):
    """A page in the name of a site."""
    return page(name, site=site, title=letters.title(site), **values), status


def findable(answer):
    """A page that search engines may show."""
    response = make_response(answer)
    response.headers["X-Robots-Tag"] = "all"
    return response


def message(site, heading, sentence, url=None, label=None, status=200):
    """The page for everything that needs only one sentence and, at most, a way on."""
    return show("message", site, status, heading=heading, sentence=sentence, url=url, label=label)


def visitor(site):
    """The row of the member who is logged in on this site in this browser, or None."""
    return visiting.read(site, request.cookies.get(COOKIE))


def remember(response, site, token):
    """Give the browser the cookie of a log-in, for the pages of this site alone."""
    secure = current_app.extensions["maestro"].public_url.startswith("https://")
    response.set_cookie(COOKIE, token, max_age=int(visiting.LASTS.total_seconds()), path=f"/s/{site.key}",
                        httponly=True, samesite="Lax", secure=secure)
    return response


def forget(response, site):
    response.delete_cookie(COOKIE, path=f"/s/{site.key}")
    return response
