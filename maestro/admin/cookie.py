"""The cookie that holds a session's token, and the user whom it means."""

from flask import current_app, g, request

from maestro.accounts import sessions
from maestro.extensions import login


@login.request_loader
def who(_request):
    """The user of the session cookie, for Flask-Login; a half-finished log-in is nobody yet."""
    session = g.log_in = None if g.get("is_broken") else read_session()
    return session.user if session and not session.factor_due else None


def read_session():
    token = request.cookies.get(config().cookie_name("sid"))
    return sessions.read(token) if token else None


def config():
    return current_app.extensions["maestro"]


def give_cookie(response, token):
    """Put the session's token into the browser; an empty one takes it out."""
    age = int(sessions.WHOLE.total_seconds()) if token else 0
    response.set_cookie(config().cookie_name("sid"), token, max_age=age, secure=config().is_https, httponly=True,
                        samesite="Lax", path="/")
    return response
