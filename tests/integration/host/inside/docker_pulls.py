"""Images that are pulled by their digest: a name of the registry's that may be somebody's, and a tag that is ours."""

from __future__ import annotations

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.control import PULLED_TAG, pulled_images
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Resource, Wish
from ansible_collections.ably.sandbox.tests.integration.host.inside.damage import (
    find_in_docker,
    lose_what_was_not_written_yet,
)
from ansible_collections.ably.sandbox.tests.integration.host.inside.registry import Registry
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    apply_twice,
    control,
    refused,
    roll_back,
    say,
)


def pulled(digest: str) -> Control:
    images = pulled_images(digest)
    return control("image", *(Wish(Resource("docker_image", name), facts.state) for name, facts in images.items()))


def images() -> list[str]:
    """All there are, by tag and digest."""
    return say("docker", "images", "--all", "--digests", "--format", "{{.Repository}}:{{.Tag}}@{{.Digest}}").split()


def go_back_to(there: list[str]) -> None:
    assert [text for outcome in roll_back("image") for text in outcome.kept] == []
    assert images() == there


def pull_what_is_served(first: str, second: str) -> None:
    apply_twice(pulled(first))
    assert apply(pulled(second)) == [f"docker_image {name}" for name in (second, PULLED_TAG, first)]
    assert not any(first.partition("@")[2] in line for line in images()), images()
    go_back_to([])


def go_back_after_an_update_that_failed(first: str, missing: str) -> None:
    apply(pulled(first))
    with refused("manifest unknown"):
        apply(pulled(missing))
    assert apply(pulled(first)) == []
    with refused("manifest unknown"):
        apply(pulled(missing))
    go_back_to([])


def leave_what_somebody_pulled(digest: str) -> None:
    say("docker", "pull", "--quiet", digest)
    there = images()
    assert apply(pulled(digest)) == [f"docker_image {PULLED_TAG}"]
    go_back_to(there)
    say("docker", "rmi", digest)


def pull_anew_what_a_power_cut_broke(digest: str) -> None:
    apply(pulled(digest))
    lose_what_was_not_written_yet()
    assert apply(pulled(digest), check_only=True) == [f"docker_image {digest}", f"docker_image {PULLED_TAG}"]
    assert apply(pulled(digest)) == [f"docker_image {digest}", f"docker_image {PULLED_TAG}"]
    assert find_in_docker("*/*/diff/hello").read_bytes() == b"hello\n"
    lose_what_was_not_written_yet()
    say("docker", "create", "--name", "others", PULLED_TAG)
    with refused("file integrity checksum failed", "in use"):
        apply(pulled(digest))
    say("docker", "rm", "others")
    apply(pulled(digest))
    assert find_in_docker("*/*/diff/hello").read_bytes() == b"hello\n"
    go_back_to([])


def pull_and_go_back() -> None:
    assert images() == []
    with Registry() as registry:
        first, second = registry.add("/first"), registry.add("/second")
        pull_what_is_served(first, second)
        go_back_after_an_update_that_failed(first, f"{first.partition('@')[0]}@sha256:{'0' * 64}")
        leave_what_somebody_pulled(first)
        pull_anew_what_a_power_cut_broke(first)
