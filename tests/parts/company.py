"""A company with a database of customers of its own, on PostgreSQL or MariaDB, and what happens there in a day."""

from datetime import date, timedelta

import psycopg
import pymysql

from tests.parts.mariadb import PASSWORD

TYPES = {"customer_no": "text", "first_name": "text", "last_name": "text", "city": "choice", "interests": "choices",
         "points": "number", "visits": "number", "born": "date", "since": "date", "vip": "yesno", "seat": "text",
         "paper": "choice"}
OWN = ("seat", "paper")                            # fields of the list alone; the others are the dataset's
CHOICES = {"city": ["Bristol", "York", "Leeds", "Bath", "Köln"], "interests": ["books", "garden", "music"],
           "paper": ["none", "letter", "card"]}
COLUMNS = ["customer_no", "email", *list(TYPES)[1:]]
FEW = 1000                                         # of so many customers one is gone, and one has a new address
TABLE = """CREATE TABLE customers (
    id {id} PRIMARY KEY, customer_no varchar(20) UNIQUE, email varchar(320) NOT NULL UNIQUE, first_name varchar(80),
    last_name varchar(80), city varchar(40), interests varchar(80), points numeric(10, 2), visits integer, born date,
    since date, vip {bool}, seat varchar(20), paper varchar(20), subscribed integer NOT NULL DEFAULT 1,
    changed_at timestamp NULL)"""
SETS = ", ".join(f"{name} = :{name}" for name in TYPES if name != "customer_no")
MINE = "(customer_no = :customer_no OR customer_no IS NULL AND email = :address)"      # on the web one gets no number
STATEMENTS = {
    "look": f"SELECT email AS address, {', '.join(TYPES)} FROM customers WHERE {MINE}",
    "join": f"INSERT INTO customers ({', '.join(COLUMNS)}) VALUES ("
            f"{', '.join(f':{name}'.replace(':email', ':address') for name in COLUMNS)})",
    "leave": "UPDATE customers SET subscribed = 0 WHERE customer_no = :customer_no OR email = :address",
    "address": f"UPDATE customers SET email = :address WHERE {MINE.replace(':address', ':old_address')}",
    "profile": f"UPDATE customers SET {SETS} WHERE {MINE}",
}
QUERY = f"SELECT email, {', '.join(TYPES)} FROM customers WHERE subscribed = 1"


def customer(number):
    """The columns of a customer; of every kind of value some are missing."""
    n = number
    return [f"C{n}", f"customer{n}@example{n % 50}.org", ("Ann", "Ben", "Zoë", "Ünal")[n % 4], f"Baker {n % 97}",
            CHOICES["city"][n % 5], (None, "books", "books,music", "garden")[n % 4], n % 5000 / 4, n % 37 or None,
            date(1950, 1, 1) + timedelta(n % 20000), date(2020, 1, 1) + timedelta(n % 2000), n % 3 == 0,
            f"{n % 80}{'abcdef'[n % 6]}", CHOICES["paper"][n % 3]]


class Company:
    """`run` does something as the owner; `place` is how the account of Maestro gets in."""

    def __init__(self, kind, port, database, user, password, owner):
        self.kind, self.owner = kind, owner
        self.place = {"kind": kind, "host": "127.0.0.1", "port": port, "database": database, "user": user,
                      "password": password}

    def run(self, statement, rows=None):
        with self.owner.cursor() as cursor:
            if rows is not None:
                cursor.executemany(statement, rows)
            else:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def fill(self, first, last):
        """Customers from number `first` to `last`."""
        marks = ", ".join(["%s"] * len(COLUMNS))
        self.run("BEGIN")
        for start in range(first, last + 1, 10_000):
            self.run(f"INSERT INTO customers ({', '.join(COLUMNS)}) VALUES ({marks})",       # noqa: S608 - our words
                     [customer(number) for number in range(start, min(start + 10_000, last + 1))])
        self.run("COMMIT")

    def live(self, count):
        """A day over there: 1 % changed in two fields, 0.1 % gone, 0.1 % with new addresses, some new."""
        self.run("UPDATE customers SET city = 'Bath', visits = coalesce(visits, 0) + 100 WHERE id % 100 = 7")
        self.run(f"DELETE FROM customers WHERE id % {FEW} = 13")
        self.run(f"UPDATE customers SET email = concat('moved.', email) WHERE id % {FEW} = 23")
        self.fill(count + 1, count + count // FEW)


def on_postgres(cluster):
    """A new database on a cluster, with an account that may write to its table and no more."""
    url = cluster.create()
    owner = psycopg.connect(url, autocommit=True)
    owner.execute("DO $$ BEGIN CREATE ROLE clerk LOGIN PASSWORD 'writes'; EXCEPTION WHEN duplicate_object THEN END $$")
    owner.execute(TABLE.format(id="serial", bool="boolean"))
    owner.execute("GRANT CREATE ON SCHEMA public TO clerk")
    owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON customers TO clerk")
    owner.execute("GRANT USAGE ON SEQUENCE customers_id_seq TO clerk")
    name = url.partition("@/")[2].partition("?")[0]
    return Company("postgresql", cluster.port, name, "clerk", "writes", owner)


def on_mariadb(server):
    name = server.create()
    owner = pymysql.connect(unix_socket=f"{server.folder}/sock", user="root", autocommit=True, database=name,
                            charset="utf8mb4")
    company = Company("mysql", server.port, name, "writer", PASSWORD, owner)
    company.run(TABLE.format(id="integer AUTO_INCREMENT", bool="boolean"))
    return company


COMPANIES = {"postgresql": on_postgres, "mysql": on_mariadb}
