"""What thousands of applications have in common is worked out once: compiled templates, routes and statements.

So are the modules of the programs that the tests start, a hundred and more, each with all modules of Maestro: they
keep their bytecode, whatever the environment says.
"""

import os
import sys
from itertools import chain

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map

from maestro.extensions import db

TEMPLATES = FileSystemBytecodeCache()
STATEMENTS = LRUCache(5_000)
DIALECTS, MAPS = {}, {}
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


class Routes(Map):
    """A map of routes that is worked out when it is first asked, and taken from an equal one that was before."""

    def __init__(self, *given, **options):
        super().__init__(*given, **options)
        self.waiting, self.shared = [], False

    def add(self, rulefactory):
        self.waiting += rulefactory.get_rules(self)

    def update(self):
        with self._remap_lock:
            if self.waiting:
                self.settle()
        super().update()

    def settle(self):
        rules, self.waiting = self.waiting, []
        if self.shared:                            # a test adds routes: what others have stays as it is
            rules = [*map(copied, self.iter_own()), *rules]
            self._matcher, self._rules_by_endpoint, self.shared = Map()._matcher, {}, False
        found = MAPS.setdefault(tuple(map(known, rules)), self)
        if found is self:
            for rule in rules:
                super().add(rule)
        else:
            found.update()
            self._matcher, self._rules_by_endpoint, self._remap = found._matcher, found._rules_by_endpoint, False
        self.shared = True

    def iter_own(self):
        return chain.from_iterable(self._rules_by_endpoint.values())


def copied(rule):
    found = rule.empty()
    found.provide_automatic_options = rule.provide_automatic_options
    return found


def known(rule):
    """What tells a route from others."""
    return rule.rule, rule.endpoint, rule.methods and frozenset(rule.methods), repr(rule.defaults), rule.strict_slashes


Flask.url_map_class = Routes


def share(app):
    """Let `app` take from the common stock. Statements are kept by dialect, so it is one object a kind of database."""
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        engine = db.engine
    if engine.dialect.name not in DIALECTS:
        engine.connect().close()                   # at its first connection a dialect learns of the server
    engine.dialect = DIALECTS.setdefault(engine.dialect.name, engine.dialect)
    engine.update_execution_options(compiled_cache=STATEMENTS)
