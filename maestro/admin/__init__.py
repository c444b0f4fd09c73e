from maestro.admin import (  # noqa: F401
    account,
    audit_log,
    changelog,
    datasets,
    exports,
    fields,
    home,
    import_rules,
    imports,
    job_audience,
    job_content,
    job_delivery,
    job_ledger,
    job_moves,
    job_test,
    jobs,
    lists,
    outbox,
    palette,
    people,
    person,
    privacy,
    session,
    settings,
    setup,
    site,
    site_look,
    status,
    users,
)
from maestro.admin.door import prepare


def register(app):
    prepare(app)
