"""Opens encrypted files of the key engine, or an archive without a passphrase.

usage: open_files.py zip FILE [PASSPHRASE]   prints as JSON each file's name, text, mode and time
       open_files.py pem FILE PASSPHRASE     prints the private key as PEM without a passphrase
Exits with 1 and the library's message if it's refused.
"""

import json
import sys
import zipfile

import pyzipper
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


def read_zip(path: str, passphrase: str | None) -> str:
    # Python's own reader for unencrypted archives.
    opened = zipfile.ZipFile(path) if passphrase is None else pyzipper.AESZipFile(path)
    with opened as archive:
        if passphrase is not None:
            archive.setpassword(passphrase.encode())
        return json.dumps(
            [
                [info.filename, archive.read(info).decode(), info.external_attr >> 16, *info.date_time]
                for info in archive.infolist()
            ]
        )


def read_pem(path: str, passphrase: str) -> str:
    with open(path, "rb") as file:
        key = load_pem_private_key(file.read(), passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


try:
    kind, path, *rest = sys.argv[1:]
    print(read_zip(path, *rest or [None]) if kind == "zip" else read_pem(path, *rest), end="")
except Exception as error:  # the library's message is the result
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1)
