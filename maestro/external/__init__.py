from maestro.external import actions, subscribers  # noqa: F401
from maestro.external.door import bp


def register(app):
    app.register_blueprint(bp)
