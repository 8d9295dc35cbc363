# shellcheck shell=bash
# Sourced by the scripts beside it: apt-get as root, asking nothing, with no service more afterwards than before.

POLICY=/usr/sbin/policy-rc.d
UNITS=/etc/systemd/system

as_root() {
    if ((EUID == 0)); then
        "$@"
        return
    fi
    command -v sudo >/dev/null || {
        printf 'Debian packages are missing: run this as root, or install sudo (%s).\n' "$*" >&2
        return 1
    }
    sudo "$@"
}

run_apt() {
    # The lines of a terminal's progress bar are noise in a log.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet=2 --option Dpkg::Use-Pty=0 "$@"
}

# What apt says is shown when it fails. A package of Debian's starts its services and enables them for the next boot;
# here its programs are wanted, and this may be somebody's own machine.
install_packages() {
    local said before status=0
    said=$(mktemp)
    before=$(enabled_units)
    keep_services_down
    run_apt install --no-install-recommends "$@" >"$said" 2>&1 || status=$?
    let_services_be
    comm -13 <(printf '%s\n' "$before") <(enabled_units) | while read -r unit; do
        as_root systemctl --quiet disable --now "$unit" >>"$said" 2>&1 || as_root find "$UNITS" -name "$unit" -type l -delete
    done
    ((status == 0)) || cat -- "$said" >&2
    rm -f -- "$said"
    return "$status"
}

enabled_units() {
    find "$UNITS" -mindepth 2 -path '*.wants/*' -type l -printf '%f\n' 2>/dev/null | sort -u
}

# invoke-rc.d(8) asks this file. A machine that has one is left with it.
keep_services_down() {
    [[ ! -e $POLICY ]] || return 0
    trap let_services_be EXIT
    printf '#!/bin/sh\nexit 101 # ably.sandbox: while its packages are installed\n' | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
}

let_services_be() {
    if grep -qs 'ably.sandbox' "$POLICY"; then as_root rm -f -- "$POLICY"; fi
    trap - EXIT
}
