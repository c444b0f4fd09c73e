"""A test client that opens each request in a context of its own, as the server does, and logs in as a user."""

from flask.testing import FlaskClient

from maestro.accounts import sessions
from maestro.extensions import db


class Client(FlaskClient):
    def open(self, *args, **kwargs):
        db.session.expire_all()
        db.session.commit()
        kwargs.setdefault("base_url", "http://127.0.0.1:20080")
        with self.application.app_context():
            return super().open(*args, **kwargs)

    def as_(self, user):
        """The same client with an open session of `user`."""
        token = sessions.start(user)
        db.session.commit()
        self.set_cookie("sid", token, domain="127.0.0.1")
        return self
