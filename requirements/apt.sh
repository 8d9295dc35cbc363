# shellcheck shell=bash
# Sourced by the scripts beside it: apt-get as root, asking nothing.

run_apt() {
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || {
            printf 'Debian packages are missing: run this as root, or install sudo (apt-get %s).\n' "$*" >&2
            return 1
        }
        as_root=(sudo)
    fi
    # The lines of a terminal's progress bar are noise in a log.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet=2 --option Dpkg::Use-Pty=0 "$@"
}
