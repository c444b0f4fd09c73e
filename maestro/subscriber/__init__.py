from maestro.subscriber import archive, area, content, forward, login, look, mailed, rehearsal, signup, unsubscribe  # noqa: F401
from maestro.subscriber.domains import Domains
from maestro.subscriber.door import bp
from maestro.subscriber.tracking import Tracking


def register(app):
    app.register_blueprint(bp)
    app.wsgi_app = Domains(app)
    app.wsgi_app = Tracking(app)
