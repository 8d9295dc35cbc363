#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The network of the sessions: nothing is routed, and one door leads out."""

from __future__ import annotations

DOCUMENTATION = r"""
module: egress
short_description: Let sessions reach the allowed names over TLS and nothing else
version_added: 0.1.0
description:
  - Makes the bridge to which sessions are wired, the packet filter around it, and the gateway on its address, a name
    server and a TLS pass-through that both know only the allowed names.
  - Is on trial until it is confirmed over a new connection, which it sees to itself; see M(ably.sandbox.confirm).
extends_documentation_fragment: [ably.sandbox.control]
options:
  allowed_names:
    description: Names that sessions reach on port 443, exact, or C(*.suffix) for every name below a suffix.
    type: list
    elements: str
    required: true
  subnet:
    description: The sessions' network, IPv4, private or shared address space, /29 to /16.
    type: str
    required: true
  gateway:
    description: The gateway's address in O(subnet).
    type: str
    required: true
  sessions:
    description: The most sessions at once.
    type: int
    required: true
  connections:
    description: Connections that a session may have at once.
    type: int
    required: true
  connection_rate:
    description: New connections a second that a session may make.
    type: int
    required: true
  dns_rate:
    description: Questions a second that a session may ask the name server.
    type: int
    required: true
  idle_timeout:
    description: Seconds after which a connection without traffic ends.
    type: int
    required: true
  refused_networks:
    description: Networks that an allowed name must not lead to, besides the private and reserved ones.
    type: list
    elements: str
    default: []
  resolvers:
    description: Name servers that the gateway asks. Those of the host's resolv.conf when empty.
    type: list
    elements: str
    default: []
  proxy_uid:
    description: The id of the gateway's own user and group.
    type: int
    required: true
  filter:
    description: The text of the file of nftables that replaces the two tables of the packet filter in one transaction.
    type: str
    required: true
  name_server:
    description: The text of the configuration of dnsmasq.
    type: str
    required: true
  proxy:
    description: The text of the configuration of HAProxy.
    type: str
    required: true
  filter_unit:
    description: The text of the unit that loads the packet filter at boot.
    type: str
    required: true
  bridge_unit:
    description: The text of the unit that makes the bridge at boot.
    type: str
    required: true
  watch_unit:
    description: The text of the unit that keeps the packet filter in the kernel.
    type: str
    required: true
  name_server_unit:
    description: The text of the unit of the name server.
    type: str
    required: true
  proxy_unit:
    description: The text of the unit of the TLS pass-through.
    type: str
    required: true
  networkd:
    description: The text of the file that has systemd-networkd leave the interfaces alone.
    type: str
    required: true
  udev:
    description: The text of the file that has NetworkManager leave the interfaces alone.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Close the network but for the allowed names
  ably.sandbox.egress:
    allowed_names: ["*.ably.io"]
    subnet: 10.213.0.0/24
    gateway: 10.213.0.1
    sessions: 16
    connections: 32
    connection_rate: 10
    dns_rate: 20
    idle_timeout: 3600
    proxy_uid: 60599
    filter: "{{ lookup('ansible.builtin.template', 'filter.nft.j2') }}"
    name_server: "{{ lookup('ansible.builtin.template', 'dnsmasq.conf.j2') }}"
    proxy: "{{ lookup('ansible.builtin.template', 'haproxy.cfg.j2') }}"
    filter_unit: "{{ lookup('ansible.builtin.template', 'filter.service.j2') }}"
    bridge_unit: "{{ lookup('ansible.builtin.template', 'bridge.service.j2') }}"
    watch_unit: "{{ lookup('ansible.builtin.template', 'filter-watch.service.j2') }}"
    name_server_unit: "{{ lookup('ansible.builtin.template', 'dns.service.j2') }}"
    proxy_unit: "{{ lookup('ansible.builtin.template', 'proxy.service.j2') }}"
    networkd: "{{ lookup('ansible.builtin.template', 'unmanaged.network.j2') }}"
    udev: "{{ lookup('ansible.builtin.template', 'unmanaged.rules.j2') }}"
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.egress import ARGUMENTS, egress_of


def main() -> None:
    run_control(ARGUMENTS, egress_of)


if __name__ == "__main__":
    main()
