import shutil

import pytest

from tests.audit.forgery import Copy, findings, good_dataset
from tests.audit.lies import LIES


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return good_dataset(tmp_path_factory.mktemp("audit") / "good")


def test_nothing_is_found_in_a_good_dataset(good):
    assert findings(good) == {}


def test_a_copy_saved_anew_is_as_good(good, tmp_path):
    copy = Copy(good, tmp_path / "copy")
    copy.save()
    assert findings(copy.folder) == {}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_found_by_the_check_that_should(good, tmp_path, name):
    lie, copy = LIES[name], Copy(good, tmp_path / "copy")
    if lie.late:
        copy.save()
    lie.tell(copy)
    if not lie.late:
        copy.save()
    found = findings(copy.folder, slow=lie.checks)
    assert set(lie.checks) <= set(found)
    assert "files" not in found or "files" in lie.checks, "given away by its checksum"
    crashed = [f for each in found.values() for f in each if "cannot be carried out" in f.message]
    assert not crashed
    shutil.rmtree(copy.folder)


def test_there_are_many_kinds():
    assert len(LIES) >= 25
