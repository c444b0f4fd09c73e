"""A first look at a query, for friendly words: one statement, and one that only asks.

This is a speed bump. The wall is the read-only transaction of the other engine, and an account without dangerous
rights.
"""

import re

from maestro.lib.errors import Refused

PIECES = re.compile(r"""
    (?P<versioned>/\*[!M]) | (?P<comment>--[^\n]*|/\*.*?\*/) | (?P<escaped>\b[uU]&["'])
  | (?P<text>\b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | \$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$)
  | (?P<name>"(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]\n]*\])
  | (?P<parameter>(?<![:\w]):[a-z]\w*) | (?P<word>[A-Za-z_][\w$]*) | (?P<end>;) | (?P<other>.)
""", re.VERBOSE | re.DOTALL)
BEGINS = {"select", "with", "values", "table", "("}
LONGEST = 20_000                 # characters
STATEMENTS = set("""alter attach call copy create deallocate declare delete detach drop dumpfile exec execute
    grant insert into kill opendatasource openquery openrowset outfile pragma revoke truncate update upsert vacuum
    waitfor xp_cmdshell""".split())
FUNCTIONS = set("""benchmark current_setting dblink dblink_exec dblink_connect edit exec_sql fts3_tokenizer get_lock
    load_extension load_file lo_create lo_creat lo_export lo_from_bytea lo_import lo_put lo_unlink lowrite
    master_pos_wait nextval openquery openrowset pg_advisory_lock pg_cancel_backend pg_create_logical_replication_slot
    pg_create_physical_replication_slot pg_create_restore_point pg_current_logfile pg_execute_server_program
    pg_file_rename pg_file_sync pg_file_unlink pg_file_write pg_logdir_ls pg_ls_dir pg_ls_logdir pg_ls_waldir
    pg_notify pg_promote pg_read_binary_file pg_read_file pg_read_server_files pg_reload_conf pg_rotate_logfile
    pg_sleep pg_sleep_for pg_sleep_until pg_stat_file pg_stat_reset pg_switch_wal pg_terminate_backend
    query_to_xml query_to_xml_and_xmlschema query_to_xmlschema cursor_to_xml table_to_xml readfile release_lock
    schema_to_xml database_to_xml set_config setval sleep sys_eval sys_exec utl_file utl_http utl_smtp utl_tcp
    writefile xmlhttp""".split())


def check(query):
    """The query without the semicolon at its end. Refused when it is not one question."""
    if not query.strip():
        raise Refused("Write a SELECT statement.", "query")
    if len(query) > LONGEST or "\0" in query:
        raise Refused(f"A query has at most {LONGEST:,} characters.", "query")
    found = [piece for piece in PIECES.finditer(query) if piece.lastgroup != "comment" and piece.group().strip()]
    while found and found[-1].lastgroup == "end":
        query = query[:found.pop().start()]
    for piece in found:
        refuse(piece)
    if not found or found[0].group().lower() not in BEGINS:
        raise Refused("Only a SELECT is accepted: it reads, and changes nothing.", "query")
    for piece, following in zip(found, [*found[1:], None], strict=True):
        look(query, piece, following.group() if following else "")
    return query.strip()


def refuse(piece):
    if piece.lastgroup == "versioned":
        raise Refused("Comments that the server would run are not accepted.", "query")
    if piece.lastgroup == "escaped":
        raise Refused("Names with escaped letters are not accepted.", "query")
    if piece.lastgroup == "end":
        raise Refused("Write one statement only, without anything after a semicolon.", "query")


def look(query, piece, following):
    """Refuse words that change something, and functions that reach beyond the tables."""
    if piece.lastgroup not in ("word", "name"):
        return
    word = piece.group().strip('"`[]').lower()
    if following == "(" and word in FUNCTIONS:
        raise Refused(f"Line {line(query, piece)}: the function {word} is not accepted here.", "query")
    if piece.lastgroup == "word" and (word in STATEMENTS or word == "for" and following.lower() in (
            "update", "share", "no", "key")):
        raise Refused(f"Line {line(query, piece)}: {word.upper()} is not accepted: only reading is.", "query")


def line(query, piece):
    return query.count("\n", 0, piece.start()) + 1


def fault(query, sentence):
    """The line of a query at which a refusal points, ours or the other side's, from 1; None where it names none."""
    if ours := re.match(r"Line (\d+):", sentence):
        return int(ours[1])
    theirs = re.search(r"\b(?:LINE|at line) (\d+)\b", sentence)
    return theirs and int(theirs[1]) + query[:-len(query.lstrip()) or None].count("\n")


def parameters(statement):
    """The names after a colon in a statement that writes: INSERT INTO people VALUES (:address)."""
    return {piece.group()[1:] for piece in PIECES.finditer(statement) if piece.lastgroup == "parameter"}


def rewritten(statement, mark):
    """The statement with `mark` formatted for each parameter, such as "%({})s", where a % sign has to be doubled."""
    def put(piece):
        if piece.lastgroup == "parameter":
            return mark.format(piece.group()[1:])
        return piece.group().replace("%", "%%") if "%" in mark else piece.group()
    return PIECES.sub(put, statement)


WRITES = {"insert", "update", "delete", "merge", "replace", "call", "exec", "execute", "with", "select"}


def check_write(statement, known):
    """A statement of a write-back: one, that changes something, with parameters that are `known`."""
    found = [piece for piece in PIECES.finditer(statement) if piece.lastgroup != "comment" and piece.group().strip()]
    while found and found[-1].lastgroup == "end":
        statement = statement[:found.pop().start()]
    for piece in found:
        refuse(piece)
    if not found or found[0].group().lower() not in WRITES:
        raise Refused("Begin with INSERT, UPDATE, DELETE, MERGE, or a call of a procedure.")
    if strange := sorted(parameters(statement) - known):
        raise Refused(f"There is no parameter :{strange[0]}. Known are {', '.join(sorted(known))}.")
    return statement.strip()
