"""What thousands of applications have in common is worked out once: compiled templates, routes and statements.

So are the modules of the programs that the tests start, a hundred and more, each with all modules of Maestro: they
keep their bytecode, whatever the environment says.
"""

import os
import sys

from jinja2 import FileSystemBytecodeCache
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from maestro.extensions import db

TEMPLATES = FileSystemBytecodeCache()
STATEMENTS = LRUCache(5_000)
DIALECTS, BUILDERS = {}, {}
compile_builder = Rule._compile_builder
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def builder(rule, append_unknown=True):
    """The function that makes a rule's URLs: the same for equal rules of all applications."""
    key = rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown
    if key not in BUILDERS:
        BUILDERS[key] = compile_builder(rule, append_unknown)
    return BUILDERS[key]


Rule._compile_builder = builder


def share(app):
    """Let `app` take from the common stock. Statements are kept by dialect, so it is one object a kind of database."""
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        engine = db.engine
    if engine.dialect.name not in DIALECTS:
        engine.connect().close()                   # at its first connection a dialect learns of the server
    engine.dialect = DIALECTS.setdefault(engine.dialect.name, engine.dialect)
    engine.update_execution_options(compiled_cache=STATEMENTS)
