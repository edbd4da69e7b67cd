"""Loads a credentials file with the official SDK, gets a token and lists the account's keys.

usage: sdk.py HOST:PORT CREDENTIALS_FILE SERVICE_ACCOUNT_ID
Prints the keys' ids as JSON; ends with 1 and the SDK's words when it is refused.
"""

import asyncio
import json
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
    """What has the SDK call `address` in plain text in place of the cloud."""
    return {
        "resolver": Constant(address),
        "address_options": {address: [(INSECURE, True)]},
    }


async def list_keys(sdk: SDK, account: str) -> list[str]:
    """The ids of the account's keys, by a token that is got now. Closes the SDK."""
    try:
        # Without these a refused exchange is tried again in the background.
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


async def main(address: str, credentials: str, account: str) -> None:
    sdk = SDK(
        credentials_file_name=credentials,
        user_agent_prefix="keyside-check/1.0",
        **at(address),
    )
    print(json.dumps(await list_keys(sdk, account)))


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except Exception as error:  # the SDK's words are the result
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
