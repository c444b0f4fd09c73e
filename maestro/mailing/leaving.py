"""What an unsubscribe link of a mailing means, and what leaving by it does."""

from typing import NamedTuple

from maestro.extensions import db
from maestro.lib.errors import NotFound
from maestro.mailing.compose import WHOLE_DATASET
from maestro.models import Dataset, HostedList
from maestro.warehouse import members, subscriptions


class Place(NamedTuple):
    """From where somebody leaves: a list, or (list is None) the whole dataset; `gone` when he has left already."""

    dataset: Dataset
    list: HostedList | None
    row: dict
    gone: bool

    @property
    def name(self):
        return (self.list or self.dataset).name


def find(token):
    """The place that the token of kind `u` means. Raises NotFound when the person is not stored any more."""
    if not token.id & WHOLE_DATASET:
        subscription, list, row = subscriptions.find(token.id)
        return Place(list.dataset, list, row, subscription.state == "left")
    dataset = db.session.get(Dataset, token.id >> 40 & 0x7FFFFF)
    if not dataset:
        raise NotFound("This link leads to nobody here.")
    row = members.get(dataset, token.id & 0xFFFFFFFFFF)
    return Place(dataset, None, row, row["state"] == "left")


def leave(place, how, ip):
    """Leave the list, or the dataset where there is none. A repeat changes nothing."""
    if place.list:
        subscriptions.leave(place.list, place.row, "subscriber", cause="self", ip=ip, how=how)
    elif not place.gone:
        members.remove(place.dataset, place.row, "subscriber", cause="self", ip=ip)


def leave_all(place, how, ip):
    """Leave every list of the dataset; the person stays known to it."""
    for subscription, list in subscriptions.of(place.dataset, place.row["id"]):
        if subscription.state == "confirmed":
            subscriptions.leave(list, place.row, "subscriber", cause="self", ip=ip, how=how)


def come_back(place, ip):
    """Undo a slip."""
    if place.list:
        subscriptions.rejoin(place.list, place.row, ip=ip)
    else:
        members.come_back(place.dataset, place.row, ip=ip)
