from maestro.admin import account, audit_log, home, palette, session, settings, setup, status, users  # noqa: F401
from maestro.admin.door import prepare


def register(app):
    prepare(app)
