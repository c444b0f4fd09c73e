"""The wording that people agree to, kept once, with a number of its own, however many sign up at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from maestro.extensions import db
from maestro.models import ConsentText, Site
from maestro.site import consenting

AT_ONCE = 6


@pytest.mark.parametrize(("texts", "versions"), [
    (["Yes."] * AT_ONCE, 1), ([f"Yes, to {number}." for number in range(AT_ONCE)], AT_ONCE)])
def test_first_sign_ups_at_the_same_moment_keep_each_wording_once(app, world, texts, versions):
    together, dataset_id = threading.Barrier(AT_ONCE), world.dataset.id
    db.session.commit()

    def sign_up(text):
        with app.app_context():
            site = db.session.query(Site).filter_by(dataset_id=dataset_id).one()
            db.session.rollback()
            together.wait(30)
            number = consenting.keep(site, text).version
            db.session.commit()
            return number

    with ThreadPoolExecutor(AT_ONCE) as pool:
        given = list(pool.map(sign_up, texts))
    kept = db.session.query(ConsentText).filter_by(dataset_id=dataset_id).all()
    assert sorted(text.version for text in kept) == list(range(1, versions + 1))
    assert sorted(set(given)) == list(range(1, versions + 1))
