"""An OpenID Connect issuer with aiohttp and PyJWT, where Anna is signed in already. Prints its port.

usage: issuer.py SETTINGS

SETTINGS is JSON: {"url": its address, "listen": [ADDRESS, PORT], "tls": [CERTIFICATE, KEY], "secret": the client's,
"redirect": how the client's redirect begins, "access_token": TOKEN}. Without "url" and "tls", it's a plain one on
127.0.0.1; without "secret", the client `keyside` is a public one.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import ssl
import sys
import time
from urllib.parse import urlencode

import jwt
from aiohttp import BasicAuth, web
from cryptography.hazmat.primitives.asymmetric import rsa

SETTINGS = json.loads(sys.argv[1])
CLIENT_ID = "keyside"
KEY = rsa.generate_private_key(65537, 2048)
codes = {}


async def metadata(request: web.Request) -> web.Response:
    issuer = request.app["url"]
    return web.json_response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth2/authorize",
            "token_endpoint": f"{issuer}/oauth2/token",
            "jwks_uri": f"{issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


async def keys(_: web.Request) -> web.Response:
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    key = {"kid": "one", "use": "sig", "alg": "RS256"}
    return web.json_response({"keys": [jwk | key]})


async def authorize(request: web.Request) -> web.Response:
    asked = request.query
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"].startswith(SETTINGS["redirect"])
    code = secrets.token_urlsafe()
    codes[code] = asked
    answer = {"code": code, "state": asked["state"], "iss": request.app["url"]}
    raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(answer)}")


async def token(request: web.Request) -> web.Response:
    form = await request.post()
    if "secret" in SETTINGS:
        client = BasicAuth.decode(request.headers["authorization"])
        assert (client.login, client.password) == (CLIENT_ID, SETTINGS["secret"]), client
    asked = codes.pop(form["code"])
    assert form["redirect_uri"] == asked["redirect_uri"]
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
    now = int(time.time())
    claims = {
        "iss": request.app["url"],
        "aud": CLIENT_ID,
        "sub": "user-7",
        "email": "anna@example.org",
        "name": "Anna",
        "nonce": asked["nonce"],
        "iat": now,
        "exp": now + 600,
    }
    signed = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})
    answer = {"access_token": SETTINGS["access_token"], "token_type": "Bearer"}
    return web.json_response(answer | {"id_token": signed, "expires_in": 600})


async def main() -> None:
    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", metadata),
            web.get("/keys", keys),
            web.get("/oauth2/authorize", authorize),
            web.post("/oauth2/token", token),
        ]
    )
    tls = None
    if "tls" in SETTINGS:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*SETTINGS["tls"])
    app["url"] = ""
    runner = web.AppRunner(app)
    await runner.setup()
    address, port = SETTINGS.get("listen", ["127.0.0.1", 0])
    site = web.TCPSite(runner, address, port, ssl_context=tls)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    app["url"] = SETTINGS.get("url", f"http://127.0.0.1:{port}")
    print(port, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
