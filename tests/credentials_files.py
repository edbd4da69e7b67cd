"""Reads credentials files with the official SDK.

usage: credentials_files.py FILE...
Prints, as JSON, for each file: null when the SDK reads it and signs a request for a token with it,
else its message.
"""

import json
import sys
import warnings

from nebius.base.service_account.credentials_file import Reader

# The SDK signs with short keys, and warns about them.
warnings.simplefilter("ignore")


def verdict(path: str) -> str | None:
    try:
        Reader(path).get_exchange_token_request()
    except Exception as error:  # the SDK's message is the result
        return f"{type(error).__name__}: {error}"
    return None


print(json.dumps([verdict(path) for path in sys.argv[1:]]))
