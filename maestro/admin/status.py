"""The state of the installation, from the same checks as /readyz."""

from flask import render_template

from maestro import health
from maestro.admin.door import bp, needs
from maestro.extensions import set_reading

TONES = {"ok": "good", "warn": "warn", "fail": "bad"}


@bp.get("/status")
@needs("status.see")
def status():
    set_reading(False)                             # one of the checks is whether the database can be written
    checks = health.every_check()
    return render_template("admin/status/index.html", checks=checks, tones=TONES, worst=health.worst(checks))
