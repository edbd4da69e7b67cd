"""Calls of the official SDK besides reading a credentials file, and what it makes of the answers.

usage: sdk_calls.py HOST:PORT ADMIN_TOKEN KEY_ID SERVICE_ACCOUNT_ID
Prints a JSON object:
  descriptions   of the key after three updates: another text, none given, reset by an empty text
  impersonated   the ID of the account as which the SDK calls for the service account
  error          the SDK's words for an update of a key that doesn't exist
  revoked        the code of a call with the impersonated token after its revocation
"""

import asyncio
import json
import sys

from nebius.aio.service_error import RequestError
from nebius.aio.token.impersonated import Bearer as Impersonated
from nebius.aio.token.static import Bearer as Static
from nebius.api.nebius.common.v1 import ResourceMetadata
from nebius.api.nebius.iam.v1 import (
    AuthPublicKeyServiceClient,
    AuthPublicKeySpec,
    GetAuthPublicKeyRequest,
    RevokeSessionRequest,
    SessionManagementServiceClient,
    UpdateAuthPublicKeyRequest,
)
from nebius.sdk import SDK
from sdk import at


async def main(address: str, token: str, key_id: str, account: str) -> dict:
    admin = SDK(credentials=token, user_agent_prefix="keyside-check/1.0", **at(address))
    keys = AuthPublicKeyServiceClient(admin)
    result = {"descriptions": []}

    async def update(key) -> None:
        operation = await keys.update(UpdateAuthPublicKeyRequest(metadata=key.metadata, spec=key.spec))
        await operation.wait()
        read = await keys.get(GetAuthPublicKeyRequest(id=key_id))
        result["descriptions"].append(read.spec.description)

    for text in ("of the SDK", None, ""):
        key = await keys.get(GetAuthPublicKeyRequest(id=key_id))
        if text is not None:
            key.spec.description = text
        await update(key)

    try:
        unknown = UpdateAuthPublicKeyRequest(
            metadata=ResourceMetadata(id="publickey-e00unknown"), spec=AuthPublicKeySpec()
        )
        await keys.update(unknown)
    except RequestError as error:
        result["error"] = str(error)

    bearer = Impersonated(account, Static(token), channel=admin)
    acting = SDK(credentials=bearer, user_agent_prefix="keyside-check/1.0", **at(address))
    profile = await acting.whoami()
    result["impersonated"] = profile.service_account_profile.info.metadata.id
    issued = await acting.get_token(10)
    await SessionManagementServiceClient(admin).revoke(RevokeSessionRequest(service_account_id=account))
    late = SDK(credentials=issued.token, user_agent_prefix="keyside-check/1.0", **at(address))
    try:
        await late.whoami()
    except RequestError as error:
        result["revoked"] = error.status.code.name
    for sdk in (admin, acting, late):
        await sdk.close()
    return result


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
