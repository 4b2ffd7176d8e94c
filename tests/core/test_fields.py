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
def test_errors_name_the_expected_type(record, message):
    with pytest.raises(InputError) as error:
        field(record, "gold", list, "f", 7)
    assert "f:7: " in str(error.value)
    assert message in str(error.value)


def test_a_boolean_is_not_a_number():
    with pytest.raises(InputError, match="whole number"):
        field({"seed": True}, "seed", int, "f", 1)
