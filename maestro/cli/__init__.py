from maestro.cli import accounts, exchange, jobs, outbox, sites, sync, system, warehouse  # noqa: F401
from maestro.cli.door import group


def register(app):
    for command in group.commands.values():
        app.cli.add_command(command)
