"""People and the change log to stdout, beside a server that goes on writing."""

import pytest
from sqlalchemy import update

from maestro.exchange import exports
from maestro.extensions import db
from maestro.models import Dataset
from maestro.warehouse import changes


def meanwhile(pieces):
    """The same function, whose pieces come after somebody else has written."""
    def made(*given):
        with db.engine.begin() as connection:
            connection.execute(update(Dataset.__table__).values(description="Written meanwhile"))
        yield from pieces(*given)
    return made


@pytest.mark.parametrize("words, first", [
    (["export", "--dataset", "1", "--format", "csv"], "address,first_name"),
    (["changelog", "--dataset", "1", "--format", "text"], "20")])
def test_others_write_while_a_command_writes_to_stdout(app, world, monkeypatch, words, first):
    for module, name in ((exports, "export"), (changes, "written")):
        monkeypatch.setattr(module, name, meanwhile(getattr(module, name)))
    db.session.commit()
    result = app.test_cli_runner().invoke(args=words)
    db.session.refresh(world.dataset)
    assert result.exit_code == 0 and result.stdout.startswith(first)
    assert world.dataset.description == "Written meanwhile"
