"""Set-up, groups and users from the command line."""

import sys

import click
from flask import current_app

from maestro import sample as samples
from maestro.accounts import groups, resets, setup, users
from maestro.cli.door import BY, command, group_named
from maestro.extensions import db
from maestro.lib.errors import NotFound, Refused
from maestro.models import ROLES, Group


def password():
    """The password from the first line of stdin: arguments can be read by other users of the machine."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, err=True)
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Refused("Give the password on the standard input.", "password")
    return line


@command("setup")
@click.option("--email", required=True)
@click.option("--organisation", required=True)
@click.option("--address", required=True, help="Postal address, shown in every mailing.")
@click.option("--zone", required=True)
@click.option("--language", required=True)
@click.option("--sample", is_flag=True, help="Start with sample data.")
def set_up(email, organisation, address, zone, language, sample):
    made = setup.setup(email=email, password=password(), organisation=organisation, address=address, zone=zone,
                       language=language)
    if sample:
        samples.fill(db.session.get(Group, made["group"]), BY)
    return made


@command("setup-code")
def setup_code():
    code = setup.setup_code()
    return {"url": code and f"{current_app.extensions['maestro'].admin_url}/setup/{code}"}


@command("group-create")
@click.argument("name")
def group_create(name):
    return {"id": groups.create(name, by=BY).id}


@command("user-create")
@click.argument("email")
@click.option("--group", required=True)
@click.option("--role", required=True, type=click.Choice(ROLES))
def user_create(email, group, role):
    return {"id": users.create(email, group_named(group), role, password=password(), by=BY).id}


@command("user-link")
@click.argument("email")
def user_link(email):
    """A link by which a user sets a new password, for installations that send no mail."""
    user = users.by_email(email)
    if not user:
        raise NotFound("There is no user with this address.", "email")
    return {"url": resets.invite(user, current_app.extensions["maestro"], by=BY)}
