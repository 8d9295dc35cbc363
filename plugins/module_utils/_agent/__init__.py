"""The programs that live on the host, one zipapp: /usr/local/bin/ably-sandbox."""
