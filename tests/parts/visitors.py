"""What a company's customers do on the subscriber site in a day, while over there some of them are changed too."""

import json
import re
from email import message_from_bytes, policy
from urllib.parse import urlencode

from tests.parts.company import customer
from tests.parts.waiting import until
from tests.parts.web import Web

LEAVE = (2, 107, 23)                               # leave the list; over there 107 is changed and 23 has a new address
GO = (3,)                                          # leave altogether
CHANGE = {4: {"first_name": "Zora", "vip": "no", "interests": ["garden", "music"], "born": ""},
          207: {"last_name": "Bakerová"},          # changed over there in other fields
          307: {"city": "York", "seat": "7c"},     # and in the same one: a conflict
          13: {"first_name": "Late"}}              # gone over there
MOVE = {5: "five@example.org", 407: "four.oh.seven@example.org",
        1023: "ten.twenty.three@example.org"}      # has another new address over there: a conflict
JOIN = {"newcomer@example.org": {"first_name": "Nell", "city": "Leeds", "points": "12.5", "paper": "card"}}
CONFLICTS = 2


class Visitors:
    """Each comes from a network address of his own; mails are read from the sink."""

    def __init__(self, both):
        self.both, self.read = both, {}

    def live(self):
        """The whole day: all ask for their links first, so that nobody waits for each mail."""
        numbers = (*LEAVE, *GO, *CHANGE, *MOVE)
        webs = {number: Web(self.both.site, f"198.51.100.{place}") for place, number in enumerate(numbers)}
        for number, web in webs.items():
            web.send("/login", address=address(number))
        for who, values in JOIN.items():
            self.sign_up(who, values)
        for number, web in webs.items():
            web.get(self.link(address(number)), b"")
        for number in LEAVE:
            webs[number].send("/me", act="lists", list=[])
        for number in GO:
            webs[number].send("/me", act="leave", sure="1")
        for number, values in CHANGE.items():
            webs[number].send("/me", act="profile", **{f"f_{name}": text for name, text in values.items()})
        for number, new in MOVE.items():
            webs[number].send("/me", act="address", address=new)
        for new in (*MOVE.values(), *JOIN):
            Web(self.both.site).get(self.link(new), b"")

    def sign_up(self, who, values):
        asked = {"mContainer": "1", "mOwner": "N2", "mListId": f"HL#{self.both.list}",
                 "mSubscriber": json.dumps({"address": who, **values})}
        answer = Web(self.both.maestro.url, "203.0.113.9").get(
            f"/list/action/addSubscriberExternally.do?{urlencode(asked)}")
        assert answer.strip() == "OK"

    def link(self, who):
        """The link in the mail to an address."""
        raw = until(lambda: next((raw for _, to, raw in self.both.sink.messages if to == who), None), 30,
                    f"No mail to {who}")
        text = message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content()
        return re.search(r"http://\S+/c/[\w-]+", text)[0]


def address(number):
    return customer(number)[1]
