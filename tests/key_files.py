"""Writes a key in other formats with programs other than openssl.

usage: key_files.py PRIVATE_PEM
Prints a JSON object: names with their files in base64.
"""

import base64
import json
import sys

from cryptography.hazmat.primitives import serialization as forms
from jwt.algorithms import RSAAlgorithm

with open(sys.argv[1], "rb") as file:
    private = forms.load_pem_private_key(file.read(), None)
public = private.public_key()
plain = forms.NoEncryption()
openssh = forms.PrivateFormat.OpenSSH
line = public.public_bytes(forms.Encoding.OpenSSH, forms.PublicFormat.OpenSSH)
files = {
    "ssh": line + b" someone@a.example\n",
    "jwk": RSAAlgorithm.to_jwk(public).encode(),
    "private ssh": private.private_bytes(forms.Encoding.PEM, openssh, plain),
    "private jwk": RSAAlgorithm.to_jwk(private).encode(),
}
print(json.dumps({name: base64.b64encode(text).decode() for name, text in files.items()}))
