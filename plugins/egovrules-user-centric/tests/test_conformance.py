from egovrules.testing import conformance
from egovrules_user_centric import egovrules_axes


@conformance(*[criterion for axis in egovrules_axes() for criterion in axis.criteria])
def test_conformance(check):
    check()
