"""A server's certificate in files, and what trusts it."""

import ssl
from pathlib import Path

import trustme
from attrs import frozen


@frozen
class Certificate:
    """For localhost. options: of `trichat serve`. environment: makes Python and Node trust it."""

    options: tuple[str, ...]
    environment: dict[str, str]
    trusting: ssl.SSLContext


def certificate(directory: Path) -> Certificate:
    """Its files are put into the directory."""
    authority = trustme.CA()
    identity = authority.issue_cert("localhost")
    chain, key, root = (str(directory / name) for name in ("chain.pem", "key.pem", "root.pem"))
    for number, pem in enumerate(identity.cert_chain_pems):
        pem.write_to_path(chain, append=number > 0)
    identity.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(root)
    trusting = ssl.create_default_context(cafile=root)
    return Certificate(
        ("--certfile", chain, "--keyfile", key),
        {"SSL_CERT_FILE": root, "NODE_EXTRA_CA_CERTS": root},
        trusting,
    )
