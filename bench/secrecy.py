"""Whether the time of an answer tells who is known: each public form for known and unknown addresses in turn."""

import math
import statistics
import time

from app import create_app
from bench.pages import installations
from bench.table import Row
from maestro import migrations
from maestro.accounts import groups, setup
from maestro.config import Config
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Knock, LoginAttempt, Site
from maestro.site import visiting
from maestro.subscriber import sealed
from maestro.warehouse import datasets, lists, members, subscriptions

ROUNDS, FORM = 200, 5
FAST, SLOW = 3, 10                                 # milliseconds between the medians; of passwords, which take long
CLASSIC = "/list/action/addSubscriberExternally.do"


def prepare(url, folder):
    """An open site with passwords and ROUNDS members, each with the same one."""
    folder.mkdir()
    app = create_app(Config(SECRET_KEY="0" * 64, DATA=folder, DATABASE_URL=url, REDIS_URL="unix:///nowhere", GRACE=0))
    with app.app_context():
        migrations.upgrade()
        setup.setup(email="root@example.org", password="correct horse battery 7", organisation="Fern",
                    address="12 Mill Lane", zone="UTC", language="en")
        dataset = datasets.create(groups.create("News", by="bench"), "Customers", by="bench")
        list = lists.create(dataset, "Offers", by="bench")
        site = db.session.query(Site).filter_by(dataset_id=dataset.id).one()
        site.state, site.passwords = "open", True
        first = None
        for number in range(ROUNDS):
            row = members.add(dataset, f"known{number}@example.org", {}, by="bench")
            subscriptions.join(list, row, by="bench")
            if first is None:
                visiting.set_password(site, row, "correct horse battery 9")
                first = visiting.account(site, row).password_hash
            else:
                account = visiting.account(site, row)
                account.password_hash = first
                visiting.keep(account)
        db.session.commit()
        forms = list_of_forms(site, list)
        db.session.remove()
    return app, forms


def list_of_forms(site, list):
    """(what, url, form, name of the address, bar in milliseconds)"""
    seal = seal_of(site.key)
    joining = {**seal, "list": list.key, "details": "1", "consent": "1"}
    return (("signing up", f"/s/{site.key}/subscribe", joining, "address", FAST),
            ("signing up by a script", CLASSIC, {"mListId": f"HL#{list.id}"}, "mSubscriber", FAST),
            ("asking for a log-in link", f"/s/{site.key}/login", seal, "address", FAST),
            ("asking for a new password", f"/s/{site.key}/password", seal, "address", FAST),
            ("asking for whole unsubscribe links", "/u", seal_of("u"), "address", FAST),
            ("a wrong password", f"/s/{site.key}/login", {**seal, "password": "wrong horse"}, "address", SLOW))


def seal_of(place):
    """What a form has that was shown a while ago."""
    shown = str(int(clock.now().timestamp()) - FORM)
    return {"seal": f"{shown}.{sealed.mark(place, shown)}"}


def times(app, url, form, name):
    """Milliseconds of ROUNDS answers each, {who: [...]}, asked in turn."""
    client, taken = app.test_client(), {"known": [], "nobody": []}
    for number in range(ROUNDS):
        for who in sorted(taken, reverse=bool(number % 2)):
            address = f"{who}{number}@example.org"
            network = f"10.{number >> 8}.{number & 255}.{1 if who == 'known' else 2}"
            began = time.perf_counter()
            answer = client.post(url, data={**form, name: address}, base_url="http://127.0.0.1:8080",
                                 environ_overrides={"REMOTE_ADDR": network})
            taken[who].append((time.perf_counter() - began) * 1000)
            assert answer.status_code in (200, 422), answer.status
    return taken


def chance(left, right):
    """How likely two rows of times differ so much by chance alone (Mann-Whitney, two-sided)."""
    ranked = sorted([(value, 0) for value in left] + [(value, 1) for value in right])
    ranks = sum(place for place, (_, whose) in enumerate(ranked, 1) if whose == 0)
    n, m = len(left), len(right)
    u, mean, spread = ranks - n * (n + 1) / 2, n * m / 2, math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(u - mean) / spread / math.sqrt(2))


def measure():
    rows = []
    with installations(prepare) as found:
        for database, (app, forms) in found:
            for what, url, form, name, bar in forms:
                with app.app_context():
                    db.session.query(Knock).delete()
                    db.session.query(LoginAttempt).delete()
                    db.session.commit()
                taken = times(app, url, form, name)
                apart = statistics.median(taken["known"]) - statistics.median(taken["nobody"])
                p = chance(taken["known"], taken["nobody"])
                rows.append(Row("secrecy", f"{what}, known against unknown, {database}",
                                f"{apart:+.2f} ms of {statistics.median(taken['known']):.1f}, p = {p:.2f}",
                                f"<= {bar} ms or p > 0.01", abs(apart) <= bar or p > 0.01))
    return rows
