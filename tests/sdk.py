"""Loads a credentials file with the official SDK, gets a token and lists the account's keys.

Each line of the input is a JSON list: HOST:PORT, the file, the service account's ID. Its answer is a line with
the keys' IDs, or with the SDK's message if it's refused.
"""

import asyncio
import json
import os
import sys

from nebius.aio.token.renewable import (
    OPTION_RENEW_REQUEST_TIMEOUT,
    OPTION_RENEW_REQUIRED,
    OPTION_RENEW_SYNCHRONOUS,
)
from nebius.api.nebius.iam.v1 import (
    Account,
    AuthPublicKeyServiceClient,
    ListAuthPublicKeyByAccountRequest,
)
from nebius.base.options import INSECURE
from nebius.base.resolver import Constant
from nebius.sdk import SDK


def at(address: str) -> dict:
    """Settings that make the SDK call `address` without TLS instead of the cloud."""
    return {
        "resolver": Constant(address),
        "address_options": {address: [(INSECURE, True)]},
    }


async def list_keys(sdk: SDK, account: str) -> list[str]:
    """The IDs of the account's keys, read with a new token. Closes the SDK."""
    try:
        # Without these a refused exchange is retried in the background.
        options = {
            OPTION_RENEW_REQUIRED: "1",
            OPTION_RENEW_SYNCHRONOUS: "1",
            OPTION_RENEW_REQUEST_TIMEOUT: "10",
        }
        await sdk.get_token(10, options)
        request = ListAuthPublicKeyByAccountRequest(
            account=Account(service_account=Account.ServiceAccount(id=account)),
        )
        listed = await AuthPublicKeyServiceClient(sdk).list_by_account(request)
        return [key.metadata.id for key in listed.items]
    finally:
        await sdk.close()


async def answer(address: str, credentials: str, account: str) -> dict:
    """The keys' IDs, or the SDK's message if it's refused."""
    try:
        sdk = SDK(
            credentials_file_name=credentials,
            user_agent_prefix="keyside-check/1.0",
            **at(address),
        )
        return {"keys": await list_keys(sdk, account)}
    except Exception as error:  # the SDK's message is the result
        return {"refused": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    for line in sys.stdin:
        # In a process of its own, which remembers nothing of the others; only the SDK is loaded once.
        if os.fork() == 0:
            print(json.dumps(asyncio.run(answer(*json.loads(line)))), flush=True)
            os._exit(0)
        _, status = os.wait()
        if status:
            # Neither keys nor a refusal: the flow fails.
            print(json.dumps({"ended": status}), flush=True)
