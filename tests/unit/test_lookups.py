"""The lookups that make the facts of templates: converted, checked, and refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.ably.sandbox.plugins.lookup import (
    apparmor_facts,
    container_facts,
    egress_facts,
    kernel_facts,
    names,
)
from ansible_collections.ably.sandbox.tests.unit.controls.test_egress import PARAMETERS

APPARMOR = {"executables": ["/usr/bin/node"], "home_directory": "/home/ably"}

BOUNDS = {"sessions": 2, "runtime_max": 60, "total_memory": "8g", "total_cpus": 2, "total_pids": 100}


def test_numbers_that_are_texts_are_numbers() -> None:
    (facts,) = egress_facts.LookupModule().run([], **{**PARAMETERS, "dns_rate": "7"})
    assert facts["dns_rate"] == 7
    assert facts["links"][0] == {"port": "ably-slot-000", "mac": "02:ab:1e:01:00:00", "address": "10.213.0.2"}


def test_the_names_are_texts() -> None:
    (found,) = names.LookupModule().run([])
    assert found["slice_path"] == "/ably.slice/ably-sandbox.slice"
    assert all(isinstance(value, str) for value in found.values())


def test_the_profile_s_facts() -> None:
    (facts,) = apparmor_facts.LookupModule().run([], **APPARMOR)
    assert (facts["executables"], facts["readable_folders"]) == (["/usr/bin/node"], [])


def test_the_bounds_of_sessions() -> None:
    (facts,) = container_facts.LookupModule().run([], **{**BOUNDS, "total_cpus": "0.5"})
    assert (facts["total_memory"], facts["cpu_quota"], facts["sessions"]) == ("8G", 50, 2)


def test_the_modules_of_the_kernel() -> None:
    (facts,) = kernel_facts.LookupModule().run([], left_out=["ipsec"])
    assert "af_alg" in facts["modules"]
    assert "esp4" not in facts["modules"]


@pytest.mark.parametrize(
    ("lookup", "terms", "parameters", "said"),
    [
        (egress_facts, [], {**PARAMETERS, "subnet": "8.8.8.0/24"}, "subnet: expected a network inside"),
        (egress_facts, [], {**PARAMETERS, "dns_rate": "many"}, "dns_rate"),
        (egress_facts, [], {}, "missing required arguments"),
        (egress_facts, ["x"], PARAMETERS, "takes no terms"),
        (apparmor_facts, [], {**APPARMOR, "home_directory": 'x" }'}, "home_directory: expected an absolute path"),
        (container_facts, [], {**BOUNDS, "total_memory": "8g\n"}, "total_memory: expected a size such as 8g"),
        (container_facts, [], {**BOUNDS, "total_cpus": 0}, "total_cpus: expected processors"),
        (kernel_facts, [], {"left_out": ["dccp\n"]}, "left_out: expected names of items"),
        (names, ["x"], {}, "takes no terms"),
    ],
)
def test_what_is_wrong_is_refused(lookup: Any, terms: list[str], parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(AnsibleError, match=said):
        lookup.LookupModule().run(terms, **parameters)
