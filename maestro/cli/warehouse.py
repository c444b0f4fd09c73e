"""Datasets, lists, fields and people from the command line."""

import sys

import click

from maestro.accounts import settings
from maestro.cli.door import BY, command, find, group_named, target, to
from maestro.extensions import db, others_writing
from maestro.lib.errors import NotFound
from maestro.models import Dataset, HostedList
from maestro.warehouse import changes, datasets, fields, lists, members, publishing, replay, subscriptions

NUMBER = click.IntRange(0, 2**63 - 1, clamp=True)  # of an entry of the change log


@command("dataset-create")
@click.argument("name")
@click.option("--group", required=True)
def dataset_create(name, group):
    return {"id": datasets.create(group_named(group), name, by=BY).id}


@command("list-create")
@click.argument("name")
@click.option("--dataset", type=int, required=True)
def list_create(name, dataset):
    return {"id": lists.create(find(Dataset, dataset, "dataset"), name, by=BY).id}


@command("field-create")
@click.argument("name")
@to
@click.option("--type", required=True)
@click.option("--choices", default="", help="Separated by commas.")
@click.option("--required", is_flag=True)
def field_create(name, dataset, list, type, choices, required):
    dataset, list = target(dataset, list)
    found = fields.create(dataset, name, type, by=BY, list=list, choices=choices.split(","), required=required)
    return {"id": found.id}


@command("count")
@to
def count(dataset, list):
    dataset, list = target(dataset, list)
    found = lists.counts(list) if list else datasets.counts(dataset)
    return {state: found[state] for state in ("confirmed", "unconfirmed", "left", "suppressed")}


@command("person")
@click.argument("address")
@click.option("--dataset", type=int, required=True)
def person(address, dataset):
    dataset = find(Dataset, dataset, "dataset")
    row = members.find(dataset, address)
    if not row:
        raise NotFound(f"{address} is not in this dataset.")
    return {
        "id": row["id"], "address": row["address"],
        "state": row["state"], "how": row["how"], "joined": row["joined_at"],
        "fields": {field.name: fields.show(field, row[field.name]) for field in dataset.fields},
        "lists": [membership(subscription, list) for subscription, list in subscriptions.of(dataset, row["id"])],
        "history": [changes.fields(entry) for entry in changes.history(dataset.id, row["id"])]}


def membership(subscription, list):
    return {"list_id": list.id, "name": list.name, "state": subscription.state, "how": subscription.how,
            "joined": subscription.joined_at, "left": subscription.left_at, "left_by": subscription.left_by}


@command("changelog")
@click.option("--since", type=NUMBER, default=0, help="Only entries after this number.")
@click.option("--dataset", type=int)
@click.option("--list", "list", type=int)
@click.option("--format", "form", type=click.Choice(["text", "csv", "jsonl"]), required=True)
def changelog(since, dataset, list, form):
    zone = settings.get("zone")
    db.session.rollback()                          # the publisher has a session of its own, and SQLite one writer
    publishing.publish(zone)
    with others_writing():
        of_dataset = dataset and find(Dataset, dataset, "dataset").id
        of_list = list and find(HostedList, list, "list").id
        for piece in changes.written(changes.entries(since, of_dataset, of_list), form, zone):
            sys.stdout.write(piece)
    if oldest := changes.oldest_left(since):
        click.echo(f"The log begins with entry {oldest} by now: older ones after {since} are gone.", err=True)


@command("erasures-replay")
def erasures_replay():
    """After a backup was put back: erase everybody again who was erased since it was made."""
    erased, barred = replay.replay(BY)
    return {"erased": erased, "barred": barred}
