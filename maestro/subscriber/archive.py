"""The public archive of a list: its issues by month, a search, each issue in a sandbox, and feeds."""

from flask import Response, abort, current_app, request, url_for

from maestro.lib.tongues import gettext as _
from maestro.site import addresses, archive, letters
from maestro.subscriber.content import written
from maestro.subscriber.door import bp, on_content_host
from maestro.subscriber.entrance import MEMBERS, enter, show
from maestro.warehouse import sites

FEEDS = {"atom": (archive.atom, "application/atom+xml"), "rss": (archive.rss, "application/rss+xml")}
FOUND = {"X-Robots-Tag": "all"}                    # search engines may keep these pages


def opened(key, list_key):
    """The site and its list, whose archive is on."""
    site = enter(key, MEMBERS)
    list = sites.list_by_key(site, list_key)
    if not list or not list.archive:
        abort(404, _("There is no archive here."))
    return site, list


def home(site, list):
    return f"{addresses.base(site, current_app.extensions['maestro'])}/s/{site.key}/archive/{list.key}"


@bp.get("/s/<key>/archive/<list_key>")
def archived(key, list_key):
    site, list = opened(key, list_key)
    search = request.args.get("q", "").strip()[:200]
    months = archive.by_month(archive.of(list, search))
    page, status = show("archive", site, list=list, months=months, search=search, subject=archive.subject)
    return page, status, FOUND


@bp.get("/s/<key>/archive/<list_key>/<any(atom, rss):form>")
def archive_feed(key, list_key, form):
    site, list = opened(key, list_key)
    make, kind = FEEDS[form]
    feed = make(list, letters.title(site), home(site, list))
    return Response(feed, content_type=f"{kind}; charset=utf-8", headers=FOUND)


@bp.get("/s/<key>/archive/<list_key>/<code>")
def archive_issue(key, list_key, code):
    """The page of an issue, which holds it in a frame; on the content origin the issue itself."""
    site, list = opened(key, list_key)
    job = archive.issue(list, code)
    if on_content_host():
        return written(archive.rendered(job, f"{home(site, list)}/{code}"))
    path = url_for(".archive_issue", key=key, list_key=list_key, code=code)
    frame = current_app.extensions["maestro"].content_url + path
    page, status = show("issue", site, list=list, job=job, frame=frame, subject=archive.subject(job))
    return page, status, FOUND
