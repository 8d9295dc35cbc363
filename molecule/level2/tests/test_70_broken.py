"""Broken inputs: a clear error with Docker running as before, or a refused session; never a weaker one."""

from __future__ import annotations

from support.broken import broken
from support.host import APPARMOR, LEVEL_2, Host, play
from support.session import assert_works, refused


def test_a_profile_that_was_unloaded(level2: Host) -> None:
    level2.out("echo -n ably-sandbox > /sys/kernel/security/apparmor/.remove")
    refused(level2, "attr/apparmor/exec")
    status, output = play("site", LEVEL_2, *APPARMOR)
    assert status == 0, output
    assert_works(level2)


def test_a_profile_with_a_syntax_error(level2: Host) -> None:
    """What the kernel has stays in force, and the file is as it was after the next run."""
    source = level2.out("cat /etc/apparmor.d/ably-sandbox")
    level2.out("sed -i 's/^profile/profil/' /etc/apparmor.d/ably-sandbox; ! systemctl reload apparmor")
    assert "ably-sandbox (enforce)" in level2.out("cat /sys/kernel/security/apparmor/profiles").splitlines()
    assert_works(level2)
    status, output = play("site", LEVEL_2, *APPARMOR)
    assert status == 0, output
    assert level2.out("cat /etc/apparmor.d/ably-sandbox") == source
    level2.out("systemctl reload apparmor")
    assert_works(level2)


def test_another_profile_under_the_same_name(level2: Host) -> None:
    weak = "abi <abi/4.0>,\\nprofile ably-sandbox flags=(attach_disconnected) { file, network, capability, signal, }\\n"
    level2.out(f"printf '{weak}' | apparmor_parser --replace --skip-cache")
    refused(level2, "the AppArmor profile ably-sandbox is not as it was written")
    status, output = play("site", LEVEL_2, *APPARMOR)
    assert status == 0, output
    assert_works(level2)


def test_without_the_parser(level2: Host) -> None:
    """A Docker that starts without it leaves profiles out, without a word."""
    parser = "/usr/sbin/apparmor_parser"
    level2.out(f"mv {parser} {parser}.away && systemctl restart docker")
    try:
        refused(level2, "AppArmor label")
        status, output = play("site", LEVEL_2, *APPARMOR)
        assert status != 0
        assert "apparmor_parser" in output
    finally:
        level2.out(f"mv {parser}.away {parser} && systemctl restart docker")
    assert_works(level2)


def test_a_changed_filter(level2: Host) -> None:
    with broken(level2, "/etc/ably-sandbox/seccomp.json"):
        level2.out("echo '{}' > /etc/ably-sandbox/seccomp.json")
        refused(level2, "seccomp.json is not the seccomp profile that was written")
    assert_works(level2)


def test_a_runtime_that_was_taken_away(level2: Host) -> None:
    with broken(level2, "/usr/bin/crun"):
        level2.out("rm /usr/bin/crun")
        refused(level2, "crun")
    assert_works(level2)
