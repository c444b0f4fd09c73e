"""What Ctrl K finds, and for whom."""

import pytest

from maestro.exchange import connections, importers
from maestro.extensions import db
from maestro.warehouse import downloads, targets


@pytest.fixture
def named(world):
    """An importer, an exporter, a target group and a connection called Autumn."""
    importers.create(world.dataset, world.offers, "Autumn importer", "post", by=world.alice)
    downloads.find(world.dataset, world.offers).name = "Autumn exporter"
    targets.create(world.dataset, None, "Autumn readers", {}, by=world.alice, description="All")
    connections.create(world.group, world.root, name="Autumn shop", kind="sqlite", database="shop.db")
    db.session.commit()


def found(client, user, asked):
    return {(item["label"], item["hint"]) for item in client.as_(user).get(f"/admin/palette?q={asked}").json["items"]}


def test_everything_with_a_name_is_found_by_those_who_may_see_it(client, world, named):
    assert found(client, world.alice, "autumn") == {
        ("Autumn importer", "Importer of Offers"), ("Autumn exporter", "Exporter of Offers"),
        ("Autumn readers", "Target group of Customers"), ("Autumn shop", "Connection")}
    assert found(client, world.carol, "autumn") == set()
    assert ("Offers", "List of Customers") in found(client, world.alice, "offers")
    assert ("Scripts", "Page") in found(client, world.alice, "scripts")


def test_a_reader_without_rights_finds_no_importers(client, world, named):
    assert found(client, world.bob, "autumn") <= {("Autumn readers", "Target group of Customers")}
