"""Creates a certificate authority and a server certificate from it in a folder.

usage: certificates.py FOLDER LAST_DAY NAME...
LAST_DAY counts from today; a negative number means expired. Writes ca.pem, server.pem and
server.key.
"""

import datetime
import ipaddress
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder, last_day, names = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
now = datetime.datetime.now(datetime.timezone.utc)
day = datetime.timedelta(days=1)


def named(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make(subject, key, ca_key, not_after, extensions):
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named("Keyside test authority"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * day)
        .not_valid_after(not_after)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(ca_key, hashes.SHA256())


def general(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
ca = make(
    "Keyside test authority",
    ca_key,
    ca_key,
    now + 30 * day,
    [(x509.BasicConstraints(ca=True, path_length=None), True)],
)
server = make(
    names[0],
    key,
    ca_key,
    now + last_day * day,
    [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName([general(name) for name in names]), False),
    ],
)
pem = serialization.Encoding.PEM
(folder / "ca.pem").write_bytes(ca.public_bytes(pem))
(folder / "server.pem").write_bytes(server.public_bytes(pem))
(folder / "server.key").write_bytes(
    key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
)
