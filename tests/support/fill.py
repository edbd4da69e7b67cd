"""Adds service accounts with keys, or a project, to the database of a stopped embedded IAM.

usage: fill.py DATABASE ACCOUNTS KEYS
       fill.py DATABASE project ID
See `filled.rs`. The public keys are well-formed (SPKI, RSA-4096) and all different, but have no
private halves: the moduli are random odd numbers with unknown factors.
"""

import base64
import hashlib
import os
import sqlite3
import sys
import textwrap
import time

DAY = 86_400 * 1_000_000
NOW = int(time.time() * 1_000_000)
# DER before the modulus (RFC 8017, appendix A.1.1, inside RFC 5280's structure), and after it the
# exponent 65537.
BEFORE = bytes.fromhex("30820222300d06092a864886f70d01010105000382020f003082020a0282020100")
BEHIND = bytes.fromhex("0203010001")


def public_key():
    """PEM and fingerprint of a new key."""
    modulus = bytearray(os.urandom(512))
    modulus[0] |= 0x80
    modulus[-1] |= 1
    der = BEFORE + bytes(modulus) + BEHIND
    text = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    pem = f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"
    digest = hashlib.sha256(der).digest()
    return pem, ":".join(f"{byte:02X}" for byte in digest)


def add_project(db, id):
    db.execute(
        "INSERT INTO containers (id, parent_id, name, region, version, created_at, updated_at)"
        " SELECT ?, parent_id, 'another-project', region, 1, ?, ? FROM containers"
        " WHERE parent_id <> '' ORDER BY seq LIMIT 1",
        (id, NOW, NOW),
    )


def fill(db, accounts, keys):
    project = db.execute("SELECT id FROM containers WHERE parent_id <> '' ORDER BY seq").fetchone()[0]
    owner = [f"serviceaccount-e00{n:016}" for n in range(accounts)]
    db.executemany(
        "INSERT INTO service_accounts"
        " (id, parent_id, name, labels, description, version, created_at, updated_at)"
        " VALUES (?, ?, ?, '{}', '', 1, ?, ?)",
        ((id, project, f"machine-{n:05}", NOW, NOW) for n, id in enumerate(owner)),
    )

    def row(n):
        # Makes the keys of one account differ.
        kind = (n + n // accounts) % 10
        # The first is two years old, the last is new.
        created = NOW - 730 * DAY * (keys - n) // keys
        expires = {
            1: created + (NOW - created) // 2,
            # Half a day from where the days left change, as clocks may be set meanwhile.
            2: NOW + n // 10 % 28 * DAY + DAY // 2,
            3: NOW + 365 * DAY,
        }
        pem, fingerprint = public_key()
        return (
            f"publickey-e00{n:016}",
            project,
            owner[n % accounts],
            f"key {n} of machine-{n % accounts:05}",
            pem,
            fingerprint,
            expires.get(kind),
            kind != 0,
            created,
            created,
        )

    db.executemany(
        "INSERT INTO auth_public_keys (id, parent_id, service_account_id, name, labels,"
        " description, data, fingerprint, bits, expires_at, active, version, created_at, updated_at)"
        " VALUES (?, ?, ?, '', '{}', ?, ?, ?, 4096, ?, ?, 1, ?, ?)",
        map(row, range(keys)),
    )


def main():
    db = sqlite3.connect(sys.argv[1])
    if sys.argv[2] == "project":
        add_project(db, sys.argv[3])
    else:
        fill(db, int(sys.argv[2]), int(sys.argv[3]))
    db.commit()
    db.close()


main()
