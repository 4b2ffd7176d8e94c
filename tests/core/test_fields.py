import pytest

from tracelib.core.errors import InputError
from tracelib.core.fields import field


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "field 'gold' is missing (found: none)"),
        ({"gold": "x"}, "expected a list of strings, found 'x'"),
        ({"gold": ["x", 1]}, "expected a list of strings"),
    ],
)
def test_field_says_what_was_expected(record, message):
    with pytest.raises(InputError) as error:
        field(record, "gold", list, "f", 7)
    assert "f:7: " in str(error.value)
    assert message in str(error.value)


def test_field_takes_no_boolean_for_a_number():
    with pytest.raises(InputError, match="whole number"):
        field({"seed": True}, "seed", int, "f", 1)
