"""The door for scripts and machines: no log-in, plain answers."""

from flask import Blueprint, Response, jsonify, request

from maestro import health

bp = Blueprint("external", __name__)
PRIVATE = ("/admin/", "/api/", "/lui/", "/list/", *(f"/{kind}/" for kind in "cflopuv"))


@bp.get("/healthz")
def healthz():
    """The process answers; nothing else is asked."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@bp.get("/readyz")
def readyz():
    """Whether the installation can work, as a list of checks; 503 when one fails. For this machine only."""
    if request.remote_addr not in ("127.0.0.1", "::1"):
        return jsonify(error="Ask from the machine itself."), 403
    checks = health.checks()
    state = health.worst(checks)
    return jsonify(state=state, checks=checks), 503 if state == "fail" else 200


@bp.get("/robots.txt")
def robots():
    """Search engines may read the subscriber sites; what leads from a mail, or needs a log-in, is nothing for them."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    return Response("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
