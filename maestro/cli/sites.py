"""The subscriber site of a dataset from the command line: its state, and where its pages are."""

import click
from flask import current_app

from maestro.cli.door import BY, command, find
from maestro.models import SITE_STATES, Dataset
from maestro.warehouse import sites

SWITCH = click.Choice(["yes", "no"])


@command("site-show")
@click.argument("dataset", type=int)
def site_show(dataset):
    site = sites.of(find(Dataset, dataset, "dataset"))
    home = f"{current_app.extensions['maestro'].public_url}/s/{site.key}"
    return {"state": site.state, "closed": site.is_closed, "passwords": site.passwords, "url": home,
            "subscribe": {list.id: f"{home}/subscribe?list={list.key}" for list in sites.offered(site)}}


@command("site-change")
@click.argument("dataset", type=int)
@click.option("--state", type=click.Choice(SITE_STATES))
@click.option("--closed", type=SWITCH, help="For maintenance; unsubscribing works all the same.")
@click.option("--passwords", type=SWITCH, help="Whether members may have a password to log in.")
def site_change(dataset, state, closed, passwords):
    site = sites.of(find(Dataset, dataset, "dataset"))
    given = {"state": state, "is_closed": closed and closed == "yes", "passwords": passwords and passwords == "yes"}
    sites.change(site, BY, **{name: value for name, value in given.items() if value is not None})
    return {"state": site.state, "closed": site.is_closed, "passwords": site.passwords}
