"""Lists: made, shown with their numbers, changed and deleted; and exports of them."""

import pytest

from maestro import audit
from maestro.extensions import db
from maestro.models import AuditEntry, HostedList
from maestro.warehouse import fields, members, subscriptions


def test_a_list_is_made_changed_and_deleted(client, world):
    client.as_(world.alice)
    answer = client.post(
        f"/admin/datasets/{world.dataset.id}/lists/new",
        data={"name": "Garden", "description": "Once a month", "tracking": "personal"},
    )
    list = db.session.query(HostedList).filter_by(name="Garden").one()
    assert answer.location == f"/admin/lists/{list.id}"
    page = client.get(answer.location).text
    assert f"list_ID <code>{list.id}</code>" in page
    assert f"dataset_ID <code>{world.dataset.id}</code>" in page
    assert list.tracking == "personal"
    client.post(f"/admin/lists/{list.id}/settings", data={"name": "Garden news", "description": "", "tracking": "none"})
    assert (list.name, list.tracking) == ("Garden news", "none")
    number = list.id
    assert client.post(f"/admin/lists/{number}/remove").location == f"/admin/datasets/{world.dataset.id}/lists"
    assert db.session.query(HostedList).filter_by(id=number).first() is None


@pytest.mark.parametrize(
    "data, said",
    [
        ({"name": "", "tracking": "none"}, "Give the list a name."),
        ({"name": "offers", "tracking": "none"}, "already"),
        ({"name": "Garden", "tracking": "everything"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_shown_at_its_field(client, world, data, said):
    answer = client.as_(world.alice).post(
        f"/admin/datasets/{world.dataset.id}/lists/new", data=data | {"description": "Kept text"}
    )
    assert (answer.status_code, said in answer.text, "Kept text" in answer.text) == (422, True, True)


def test_lists_are_shown_with_their_numbers_by_state(client, world):
    row = members.add(world.dataset, "eve@example.org", {}, by="test")
    subscriptions.join(world.offers, row, by="test")
    subscriptions.leave(world.offers, row, None, cause="self")
    db.session.commit()
    client.as_(world.alice)
    page = client.get(f"/admin/datasets/{world.dataset.id}/lists").text
    assert page.count('data-label="Confirmed">1<') == page.count('data-label="Left">1<') == 1
    page = client.get(f"/admin/lists/{world.offers.id}").text
    assert "dave@example.org" in page
    assert "eve@example.org" not in page
    assert "eve@example.org" in client.get(f"/admin/lists/{world.offers.id}?state=left").text


def test_an_export_says_beforehand_what_is_in_it(client, world):
    page = client.as_(world.alice).get(f"/admin/lists/{world.offers.id}/export").text
    assert "<strong>1 person</strong>" in page
    assert "<strong>4 columns</strong>: address, first_name, city, birthday" in page


EXPORTS = {
    "spreadsheet": "address,first_name,city,birthday\r\ndave@example.org,'=1+1,,\r\n",
    "raw": "address,first_name,city,birthday\r\ndave@example.org,=1+1,,\r\n",
    "jsonl": '{"address": "dave@example.org", "first_name": "=1+1", "city": null, "birthday": null}\n',
}


def test_each_form_of_export_is_what_it_says_and_stands_in_the_audit_log(client, world):
    members.change(world.dataset, world.dave, {"first_name": "=1+1"}, by="test")
    db.session.commit()
    client.as_(world.alice)
    for place, prefix in (
        (f"lists/{world.offers.id}", f"list-{world.offers.id}"),
        (f"datasets/{world.dataset.id}", f"dataset-{world.dataset.id}"),
    ):
        for form, text in EXPORTS.items():
            answer = client.post(f"/admin/{place}/export", data={"form": form})
            assert answer.text == text
            assert f"attachment; filename={prefix}-" in answer.headers["Content-Disposition"]
    told = db.session.query(AuditEntry).filter_by(action="export.run").order_by(AuditEntry.id).all()
    assert [entry.details["list"] for entry in told] == [world.offers.id] * 3 + [None] * 3
    assert told[0].details == {"rows": 1, "format": "csv", "list": world.offers.id}
    assert "export.run" in audit.CATALOGUE
    assert client.post(f"/admin/lists/{world.offers.id}/export", data={"form": "exe"}).status_code == 422


def test_a_field_can_belong_to_one_list(client, world):
    client.as_(world.alice)
    client.post(
        f"/admin/datasets/{world.dataset.id}/fields/new?list={world.offers.id}",
        data={"label": "Voucher", "type": "text", "shown": "no", "name": ""},
    )
    db.session.refresh(world.dataset, ["fields"])
    assert [field.name for field in fields.of(world.dataset, world.offers)][-1] == "voucher"
    assert "voucher" not in [field.name for field in fields.of(world.dataset)]
    assert "Voucher" in client.get(f"/admin/lists/{world.offers.id}").text
    assert client.get(f"/admin/datasets/{world.dataset.id}/fields/new?list={world.foreign_list.id}").status_code == 404
