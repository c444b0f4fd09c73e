"""Passwords: judged when chosen, stored as Argon2id, never looked at otherwise."""

import re
import threading

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from zxcvbn import zxcvbn

from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _

SHORTEST, LONGEST = 12, 256
OF_ITS_OWN = 8                                     # characters that are left without the words of the context
LOOKED_AT = 72                                     # characters that are tested for patterns: the test is not linear
WORD = re.compile(r"\w+")
hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
at_once = threading.Semaphore(4)                   # each takes 64 MB
NOT_SET = "!"                                      # what stands for a hash until a password is set
NOBODY = ("$argon2id$v=19$m=65536,t=3,p=1$hU3i7+dwxQGQo5hpd7EoNg$"      # what unknown users are compared with
          "G+5wHl5Cb7EH+kln4aYatO6iyucFwqfxHZZ8yHQo3ww")


def judge(password, context=(), field="password"):
    """Refuse what is guessed first: common passwords, patterns, words of `context` (address, name, organisation)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(_("A password has %(least)s to %(most)s characters. A few unrelated words are easy to keep.",
                        least=SHORTEST, most=LONGEST), field)
    words = [word.lower() for text in (*context, "maestro") for word in (text, *WORD.findall(text)) if len(word) > 3]
    score = zxcvbn(password[:LOOKED_AT], user_inputs=words)["score"]
    if score < 2 or len(without(words, password.lower())) < OF_ITS_OWN:
        raise Refused(_("This is among the first that are guessed. Take a few words that have nothing to do with you."),
                      field)


def without(words, password):
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, "")
    return password


def hashed(password):
    with at_once:
        return hasher.hash(password)


def matches(stored, password):
    """Whether `password` belongs to the hash `stored`. None (unknown user) and NOT_SET take as long and never match."""
    known = stored not in (None, NOT_SET)
    with at_once:
        try:
            return hasher.verify(stored if known else NOBODY, password) and known
        except VerificationError:
            return False
