"""The agent: what lives on the host, one zipapp: /usr/local/bin/ably-sandbox."""
