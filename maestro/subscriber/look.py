"""What a site's owner made: its style sheet and its logo. Both are told by their type alone and can do nothing."""

from flask import Response, abort, request

from maestro.site import dress
from maestro.subscriber.door import bp
from maestro.warehouse import looks, sites

HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}


@bp.get("/s/<key>/look.css")
def look_sheet(key):
    """The sheet; as it is being made (`v=draft`) it is asked for anew each time."""
    site, is_draft = sites.by_key(key), request.args.get("v") == "draft"
    list = sites.list_by_key(site, request.args.get("list", ""))
    look = looks.merged(site.dataset, list, is_draft)
    headers = {**HARMLESS, "Cache-Control": "no-store"} if is_draft else HARMLESS
    return Response(dress.sheet(look), content_type="text/css; charset=utf-8", headers=headers)


@bp.get("/s/<key>/logo/<picture_key>")
def look_logo(key, picture_key):
    picture = looks.picture(picture_key)
    if picture.dataset_id != sites.by_key(key).dataset_id:
        abort(404)
    return Response(picture.data, content_type=picture.kind, headers=HARMLESS)
