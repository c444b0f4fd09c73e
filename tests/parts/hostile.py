"""Queries that would harm another database, or reach beyond its tables: refused at once, or stopped by the engine."""

QUERIES = {
    "refused": [                                   # at first look, whatever the database: query, word of the refusal
        ("", "Write a SELECT"), ("DELETE FROM people", "Only a SELECT"), ("DROP TABLE people", "Only a SELECT"),
        ("SELECT 1; DELETE FROM people", "one statement"), ("SELECT 1;;SELECT 2", "one statement"),
        ("WITH d AS (DELETE FROM people RETURNING *) SELECT * FROM d", "DELETE"),
        ("WITH i AS (INSERT INTO people VALUES (9) RETURNING *) SELECT * FROM i", "INSERT"),
        ("SELECT * INTO copy_of FROM people", "INTO"), ("SELECT * FROM people FOR UPDATE", "FOR"),
        ("SELECT 'x' INTO OUTFILE '/tmp/maestro-hostile'", "INTO"),
        ("COPY people TO '/tmp/maestro-hostile'", "Only a SELECT"),
        ("SELECT 'x' INTO DUMPFILE '/tmp/maestro-hostile'", "INTO"), ("PRAGMA writable_schema = 1", "Only a SELECT"),
        ("ATTACH '/tmp/maestro-hostile' AS x", "Only a SELECT"), ("SELECT pg_sleep(100)", "pg_sleep"),
        ('SELECT "pg_read_file"(\'/etc/passwd\')', "pg_read_file"),
        ("SELECT pg_catalog.lo_export(1, '/tmp/x')", "lo_export"),
        ("SELECT query_to_xml('delete from people', true, true, '')", "query_to_xml"),
        ("SELECT dblink_exec('dbname=x', 'delete from people')", "dblink_exec"),
        ("SELECT set_config('transaction_read_only', 'off', false)", "set_config"),
        ("SELECT load_file('/etc/passwd')", "load_file"), ("SELECT /*!50000 sleep(100) */ 1", "Comments"),
        ("SELECT /*M!100000 sleep(100) */ 1", "Comments"), ("SELECT load_extension('x')", "load_extension"),
        ("SELECT * FROM openrowset('x', 'y', 'z')", "OPENROWSET|openrowset"),
        ("SELECT U&\"pg_sle\\0065p\"(9)", "escaped"),
        ("SELECT nextval('people_id_seq')", "nextval"), ("CALL harm()", "Only a SELECT"),
        ("EXEC xp_cmdshell 'x'", "Only a SELECT"),
        ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity", "pg_terminate_backend"),
    ],
    "postgresql": [                                # these pass the first look; a function of the database does the harm
        "SELECT harm()", "SELECT * FROM people, LATERAL (SELECT harm()) x", "SELECT harm() FROM generate_series(1, 3)"],
    "mysql": ["SELECT harm()", "SELECT * FROM people WHERE harm() = 1"],
    "sqlite": ["SELECT writefile('/tmp/maestro-hostile', 'x')", "SELECT * FROM pragma_table_info('people')",
               "SELECT edit(name) FROM people", "SELECT fts3_tokenizer('x')", "SELECT * FROM pragma_writable_schema",
               "SELECT length(randomblob(900000000))", "SELECT length(zeroblob(900000000))"],
}
