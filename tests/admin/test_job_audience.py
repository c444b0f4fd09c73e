import pytest

from maestro.extensions import db
from maestro.warehouse import subscriptions
from tests.writing import draft, people


def test_a_list_is_chosen_and_brings_its_tracking(client, world):
    world.offers.tracking = "none"
    job = draft(world, dataset_id=None, list_id=None)
    data = {"version": job.version, "place": f"list-{world.offers.id}", "tracking": job.tracking}
    client.as_(world.bob).post(f"/admin/jobs/{job.id}/recipients", data=data)
    db.session.refresh(job)
    assert (job.list_id, job.dataset_id, job.tracking) == (world.offers.id, world.dataset.id, "none")


def test_a_whole_dataset_is_chosen_with_other_tracking(client, world):
    job = draft(world)
    data = {"version": job.version, "place": f"dataset-{world.dataset.id}", "tracking": "blind"}
    client.as_(world.bob).post(f"/admin/jobs/{job.id}/recipients", data=data)
    db.session.refresh(job)
    assert (job.list_id, job.dataset_id, job.tracking) == (None, world.dataset.id, "blind")


@pytest.mark.parametrize("place", ["", "list-99", "nobody", "list-", "dataset-x"])
def test_no_place_of_ones_own_is_refused(client, world, place):
    job = draft(world)
    data = {"version": job.version, "place": place, "tracking": "unique"}
    assert client.as_(world.bob).post(f"/admin/jobs/{job.id}/recipients", data=data).status_code == 422
    foreign = {**data, "place": f"list-{world.foreign_list.id}"}
    assert client.post(f"/admin/jobs/{job.id}/recipients", data=foreign).status_code == 422
    db.session.refresh(job)
    assert job.list_id == world.offers.id


def test_the_funnel_stands_in_words_and_is_counted_again_when_asked(client, world):
    job = draft(world)
    client.as_(world.bob)
    assert "person will get it" in client.get(f"/admin/jobs/{job.id}/recipients").text
    rows = people(world, 2)
    subscriptions.leave(world.offers, rows[0], "test")
    db.session.commit()
    assert "people will get it" not in client.get(f"/admin/jobs/{job.id}/recipients").text
    page = client.get(f"/admin/jobs/{job.id}/recipients?again=1").text
    assert ">2</a> people will get it" in page and ">1</a> has left" in page


def test_each_number_opens_its_people(client, world):
    job, row = draft(world), people(world, 1)[0]
    subscriptions.leave(world.offers, row, "test")
    db.session.commit()
    client.as_(world.bob)
    assert "person0@example.org" in client.get(f"/admin/jobs/{job.id}/recipients/left").text
    assert "person0@example.org" not in client.get(f"/admin/jobs/{job.id}/recipients/audience").text
    assert client.get(f"/admin/jobs/{job.id}/recipients/everybody").status_code == 404


def test_a_job_without_recipients_has_no_people(client, world):
    job = draft(world, dataset_id=None, list_id=None)
    client.as_(world.bob)
    assert client.get(f"/admin/jobs/{job.id}/recipients").status_code == 200
    assert client.get(f"/admin/jobs/{job.id}/recipients/all").status_code == 404
