"""Written content as its reader sees it: the view in the browser, and the frame of a preview.

Both are answered on the content origin only, in a sandbox without scripts, where no cookie of ours is.
"""

from flask import Response, abort, current_app, redirect, request

from maestro.lib.tongues import gettext as _
from maestro.mailing import preview
from maestro.subscriber.door import bp, of_a_test, on_content_host, read

SANDBOX = ("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src https: http: data:; "
           "style-src 'unsafe-inline' https:; font-src https: data:; form-action 'none'; base-uri 'none'; "
           "frame-ancestors 'self' {admin} {public}")


@bp.get("/v/<token>")
def view(token):
    """The message of one recipient, as it was sent. What is wrong with the link is said at the public address."""
    found = read("v", token)
    if not found.id:
        return of_a_test(_("The mail was a test delivery. In the real one this link shows the mail in the browser."))
    if not on_content_host():
        return redirect(current_app.extensions["maestro"].content_url + request.path)
    return written(preview.of_recipient(found.id >> 32, found.id & 0xFFFFFFFF))


@bp.get("/preview/<token>")
def preview_frame(token):
    """What a frame of the admin site shows, by a link that was signed for ten minutes."""
    if not on_content_host():
        abort(404)
    return written(preview.by_token(token))


def written(parts):
    """HTML as it is, text as text: the sandbox keeps either from doing anything."""
    kind = "text/html" if parts.html else "text/plain"
    answer = Response(parts.html or parts.text, content_type=f"{kind}; charset=utf-8")
    config = current_app.extensions["maestro"]
    answer.headers["Content-Security-Policy"] = SANDBOX.format(admin=config.admin_url, public=config.public_url)
    return answer
