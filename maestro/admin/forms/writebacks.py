"""The forms of write-backs."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.validators import Length

from maestro.exchange.writebacks import STATEMENTS

RULES = {"source": "The source: what stands there stays (overwrite manual changes)",
         "maestro": "Maestro: what its people and users changed is written",
         "newest": "The newest: the source says in a column changed_at when its row changed (UTC)"}


class NewForm(FlaskForm):
    target = SelectField("Whose changes are written back")


class StatementsForm(FlaskForm):
    look = TextAreaField("Look", [Length(max=20_000)], description=(
        "SELECT of the row as it is there, its columns named like fields and their values as Maestro has them. Without "
        "it no conflict is seen. Example: SELECT first_name, city, changed_at FROM customers WHERE email = :address. "
        "Where people have a number there: SELECT email AS address, city FROM customers WHERE customer_no = "
        ":customer_no; then a new address on both sides is seen too."))
    join = TextAreaField(STATEMENTS["join"], [Length(max=20_000)],
                         description="Example: INSERT INTO customers (email, city) VALUES (:address, :city)")
    leave = TextAreaField(STATEMENTS["leave"], [Length(max=20_000)],
                          description="Example: UPDATE customers SET newsletter = 0 WHERE email = :address")
    address = TextAreaField(STATEMENTS["address"], [Length(max=20_000)],
                            description="Example: UPDATE customers SET email = :address WHERE email = :old_address")
    profile = TextAreaField(STATEMENTS["profile"], [Length(max=20_000)],
                            description="Example: UPDATE customers SET city = :city WHERE email = :address")
    rule = RadioField("Where both sides changed a field, who wins", choices=RULES)
    foreign_cursor = BooleanField("Keep the cursor over there", description=(
        "In a table maestro_cursor, in the same transaction: nothing is done twice, even after a crash. Off: the "
        "statements must do no harm when they are done twice."))
