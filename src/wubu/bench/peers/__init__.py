"""One script for each framework, run by the Python that framework is installed for.

They speak the protocol of `protocol.py` and know nothing of each other. All but
`wubu_peer.py` need neither Wubu nor what it needs.
"""
