from maestro.admin.door import prepare


def register(app):
    prepare(app)
