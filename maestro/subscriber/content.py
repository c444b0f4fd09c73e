"""Written content as its reader sees it: the view in the browser, and the frame of a preview.

Both are answered on the content origin only, in a sandbox without scripts, where no cookie of ours is.
"""

from flask import Response, abort, current_app, redirect, request

from maestro.lib.errors import NotFound
from maestro.mailing import preview
from maestro.subscriber.door import bp, on_content_host, read

SANDBOX = ("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src https: http: data:; "
           "style-src 'unsafe-inline' https:; font-src https: data:; form-action 'none'; base-uri 'none'; "
           "frame-ancestors 'self' {admin}")


@bp.get("/v/<token>")
def view(token):
    """The message of one recipient, as it was sent."""
    if not on_content_host():
        return redirect(current_app.extensions["maestro"].content_url + request.path)
    found = read("v", token)
    return written(preview.of_recipient(found.id >> 32, found.id & 0xFFFFFFFF), "html")


@bp.get("/preview/<token>")
def preview_frame(token):
    """A draft's message as one person, by a link that the admin site signed for ten minutes."""
    if not on_content_host():
        abort(404)
    try:
        parts, kind = preview.by_token(token)
    except NotFound:
        abort(404, "This preview is over. Load the page that shows it again.")
    return written(parts, kind)


def written(parts, kind):
    """HTML as it is, text as text: the sandbox keeps either from doing anything."""
    if kind == "text" or not parts.html:
        answer = Response(parts.text, content_type="text/plain; charset=utf-8")
    else:
        answer = Response(parts.html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = SANDBOX.format(admin=current_app.extensions["maestro"].admin_url)
    return answer
