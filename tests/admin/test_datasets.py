"""Datasets: the list of them, made, named and deleted by who may."""

import pytest

from maestro.extensions import db
from maestro.models import AuditEntry, Dataset
from maestro.warehouse import datasets, members


def test_the_list_shows_one_groups_datasets_with_their_numbers(client, world):
    page = client.as_(world.alice).get("/admin/datasets").text
    assert "Customers" in page
    assert "dataset_ID" in page
    assert "Foreign" not in page


def test_a_site_administrator_finds_the_numbers_of_other_groups(client, world):
    page = client.as_(world.root).get("/admin/datasets").text
    assert f"Foreign list: {world.foreign_list.id}" in page
    assert f"Offers: {world.offers.id}" in page


def test_without_datasets_the_page_says_what_one_is(client, world):
    datasets.remove(world.foreign, by="test")
    db.session.commit()
    assert "No datasets yet" in client.as_(world.carol).get("/admin/datasets").text


def test_a_dataset_is_made_named_and_deleted(client, world):
    client.as_(world.alice)
    answer = client.post("/admin/datasets/new", data={"name": "Suppliers", "description": "Who sells to us"})
    dataset = db.session.query(Dataset).filter_by(name="Suppliers").one()
    assert answer.location == f"/admin/datasets/{dataset.id}"
    assert "Nobody here yet" in client.get(answer.location).text
    client.post(f"/admin/datasets/{dataset.id}/settings", data={"name": "Shops", "description": ""})
    assert "Shops" in client.get("/admin/datasets").text
    assert client.post(f"/admin/datasets/{dataset.id}/remove").location == "/admin/datasets"
    assert "Shops" not in client.get("/admin/datasets").text.partition("toast")[0]


@pytest.mark.parametrize(
    "name, said",
    [
        ("", "Give the dataset a name."),
        ("customers", "There is a dataset “customers” already."),
        ("x" * 121, "120 characters"),
        ("a\x01b", "1 to 120 characters"),
    ],
)
def test_a_bad_name_is_shown_at_its_field_and_kept(client, world, name, said):
    answer = client.as_(world.alice).post("/admin/datasets/new", data={"name": name, "description": "Kept text"})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Kept text" in answer.text


def test_a_dataset_with_people_is_not_deleted(client, world):
    client.as_(world.alice)
    assert "There 1 person is in it." in client.get(f"/admin/datasets/{world.dataset.id}/settings").text
    assert client.post(f"/admin/datasets/{world.dataset.id}/remove").status_code == 409
    assert members.find(world.dataset, "dave@example.org")


PAGES = [
    "/datasets/{d}",
    "/datasets/{d}/lists",
    "/datasets/{d}/fields",
    "/datasets/{d}/settings",
    "/datasets/{d}/export",
    "/lists/{li}",
    "/lists/{li}/settings",
    "/lists/{li}/export",
    "/lists/{li}/people/new",
    "/datasets/{d}/people/new",
    "/datasets/{d}/people/{m}",
    "/datasets/{d}/people/{m}/edit",
    "/datasets/{d}/lists/new",
    "/datasets/{d}/fields/new",
    "/fields/{f}",
]
DEEDS = [
    "/datasets/{d}/remove",
    "/lists/{li}/remove",
    "/fields/{f}/remove",
    "/datasets/{d}/people/{m}/remove",
    "/lists/{li}/people/{m}/leave",
    "/lists/{li}/people/{m}/join",
    "/datasets/{d}/people/remove",
]


def filled(world, path):
    return "/admin" + path.format(
        d=world.dataset.id, li=world.offers.id, m=world.dave["id"], f=world.dataset.fields[0].id
    )


def test_what_belongs_to_another_group_does_not_exist(client, world):
    client.as_(world.carol)
    for path in PAGES:
        assert client.get(filled(world, path)).status_code == 404, path
    for path in [*PAGES, *DEEDS]:
        assert client.post(filled(world, path)).status_code in (404, 405), path
    assert members.find(world.dataset, "dave@example.org")


def test_each_page_opens_for_who_holds_its_right_and_for_nobody_else(client, world):
    numbers_only = {"/datasets/{d}", "/datasets/{d}/lists", "/datasets/{d}/fields", "/lists/{li}"}
    of_writers = {"/datasets/{d}/people/{m}"}
    for user, open_to in (
        (world.alice, set(PAGES)),
        (world.bob, numbers_only | of_writers),
        (world.victor, numbers_only),
    ):
        client.as_(user)
        for path in PAGES:
            assert client.get(filled(world, path)).status_code == (200 if path in open_to else 403), (user.email, path)
    for path in DEEDS:
        assert client.post(filled(world, path)).status_code == 403, path


def test_numbers_are_seen_without_addresses(client, world):
    client.as_(world.victor)
    for path in ("/datasets/{d}", "/lists/{li}"):
        page = client.get(filled(world, path)).text
        assert "dave@" not in page
        assert "Your role shows numbers, not addresses." in page


def test_a_site_administrator_looks_at_another_groups_dataset_and_the_audit_tells(client, world):
    page = f"/admin/datasets/{world.dataset.id}/elsewhere"
    client.as_(world.root)
    assert f'href="{page}"' in client.get("/admin/datasets").text
    looked = db.session.query(AuditEntry).filter_by(action="dataset.look")
    assert looked.count() == 0
    seen = client.get(page).text
    assert "belongs to the group “News”" in seen and "Offers" in seen and "birthday" in seen
    assert "dave@" not in seen and "<form" not in seen.partition("<main")[2].partition("</main>")[0]
    told = looked.one()
    assert (told.group_id, told.user_id, told.details) == (world.group.id, world.root.id, {"name": "Customers"})
    for user in (world.alice, world.carol):
        assert client.as_(user).get(page).status_code == 403
