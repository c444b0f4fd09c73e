from maestro.admin import (  # noqa: F401
    account,
    audit_log,
    changelog,
    datasets,
    exports,
    field_type,
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
    lookups,
    outbox,
    palette,
    people,
    person,
    session,
    settings,
    setup,
    status,
    users,
)
from maestro.admin.door import prepare


def register(app):
    prepare(app)
