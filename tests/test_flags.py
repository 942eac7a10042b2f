"""A mistaken command line is one line on stderr and exit code 1, for every command."""

import pytest

from simgen.audit.__main__ import main as audit
from simgen.datacard.__main__ import main as datacard
from simgen.library.__main__ import main as library
from simgen.report.__main__ import main as report

COMMANDS = {"audit": audit, "datacard": datacard, "library": library, "report": report}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "arguments", [["x", "--nope"], ["x", "--jobs", "none", "--nope"], ["a", "b"]]
)
def test_a_mistake_is_one_line(capsys, name, arguments):
    assert COMMANDS[name](arguments) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and told.err.startswith("simgen: ")


@pytest.mark.parametrize("name", ["audit", "library"])
def test_a_missing_folder_names_the_help(capsys, name):
    assert COMMANDS[name]([]) == 1
    assert f"see python -m simgen.{name} --help" in capsys.readouterr().err
