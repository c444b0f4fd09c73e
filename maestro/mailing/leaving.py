"""What an unsubscribe link of a mailing means, and what leaving by it does."""

from typing import NamedTuple

from maestro.extensions import db
from maestro.lib.errors import NotFound
from maestro.lib.tongues import gettext as _
from maestro.mailing.compose import MEMBER_BITS, WHOLE_DATASET
from maestro.models import Dataset, HostedList
from maestro.warehouse import members, subscriptions

ON = ("confirmed", "unconfirmed")


class Place(NamedTuple):
    """From where somebody leaves: a list, or (list is None) the whole dataset; `gone` when he has left already."""

    dataset: Dataset
    list: HostedList | None
    row: dict
    gone: bool

    @property
    def name(self):
        return (self.list or self.dataset).name


def is_test(token):
    """Whether an unsubscribe link stands in a test delivery: it means nobody."""
    return token.id == 0


def find(token):
    """The place that the token of kind `u` means. Raises NotFound when the person is not stored any more."""
    if not token.id & WHOLE_DATASET:
        subscription, list, row = subscriptions.find(token.id)
        return Place(list.dataset, list, row, subscription.state not in ON)
    dataset = db.session.get(Dataset, (token.id ^ WHOLE_DATASET) >> MEMBER_BITS)
    if not dataset:
        raise NotFound(_("This link leads to nobody here."))
    row = members.get(dataset, token.id & (1 << MEMBER_BITS) - 1)
    return Place(dataset, None, row, row["state"] not in ON)


def leave(place, how, ip):
    """Leave the list, or the dataset where there is none. A repeat changes nothing."""
    if place.list:
        subscriptions.leave(place.list, place.row, "subscriber", cause="self", ip=ip, how=how)
    elif not place.gone:
        members.remove(place.dataset, place.row, "subscriber", cause="self", ip=ip)


def leave_all(place, how, ip):
    """Leave every list of the dataset; the person stays known to it. Gives the lists that were left."""
    mine = [list for subscription, list in subscriptions.of(place.dataset, place.row["id"]) if subscription.state in ON]
    return [list for list in mine if subscriptions.leave(list, place.row, "subscriber", cause="self", ip=ip, how=how)]


def others(place):
    """How many other lists of the dataset this person is on."""
    mine = subscriptions.of(place.dataset, place.row["id"])
    return sum(subscription.state in ON and list != place.list for subscription, list in mine)


def come_back(place, ip, list_ids=()):
    """Undo a slip: back to the place, and to those of `list_ids` that this person left by himself."""
    if not place.list:
        members.come_back(place.dataset, place.row, ip=ip)
        return
    for list in place.dataset.lists:
        if list.id == place.list.id or list.id in list_ids:
            subscriptions.rejoin(list, place.row, ip=ip)
