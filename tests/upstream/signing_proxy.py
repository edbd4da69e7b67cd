"""A proxy that signs people in and says who they are by a signed JWT, with aiohttp and PyJWT.

usage: signing_proxy.py JWKS HEADER ISSUER AUDIENCE
Writes its key set to the file JWKS, prints its port, then reads the port of the server behind it.
/signin signs Anna in by a cookie, /signout ends that. Everything else needs the cookie: pages are redirected to
/signin, and calls too. A header of the caller's with the JWT's name is removed.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import jwt
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.asymmetric import ec

JWKS, HEADER, ISSUER, AUDIENCE = sys.argv[1:]
KEY = ec.generate_private_key(ec.SECP256R1())
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"}


def signed() -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "user-7",
        "email": "anna@example.org",
        "name": "Anna",
        "iat": now,
        "exp": now + 60,
    }
    return jwt.encode(claims, KEY, algorithm="ES256", headers={"kid": "one"})


async def sign_in(_: web.Request) -> web.Response:
    answer = web.Response(text="Signed in.")
    answer.set_cookie("gate", "open", httponly=True, samesite="Lax")
    return answer


async def sign_out(_: web.Request) -> web.Response:
    answer = web.Response(status=204)
    answer.del_cookie("gate")
    return answer


async def forward(request: web.Request) -> web.Response:
    if request.cookies.get("gate") != "open":
        raise web.HTTPFound("/signin")
    headers = [
        (name, value)
        for name, value in request.headers.items()
        if name.lower() not in HOP_BY_HOP | {HEADER.lower()}
    ]
    headers.append((HEADER, signed()))
    url = f"http://127.0.0.1:{request.app['behind']}{request.raw_path}"
    body = await request.read()
    async with request.app["client"].request(
        request.method, url, headers=headers, data=body, allow_redirects=False
    ) as answer:
        kept = [(n, v) for n, v in answer.headers.items() if n.lower() not in HOP_BY_HOP]
        return web.Response(status=answer.status, headers=kept, body=await answer.read())


async def main() -> None:
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
    Path(JWKS).write_text(json.dumps({"keys": [jwk | {"kid": "one", "use": "sig"}]}))
    app = web.Application()
    app.add_routes(
        [
            web.get("/signin", sign_in),
            web.get("/signout", sign_out),
            web.route("*", "/{path:.*}", forward),
        ]
    )
    async with ClientSession(auto_decompress=False) as client:
        app["client"] = client
        app["behind"] = 0
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(site._server.sockets[0].getsockname()[1], flush=True)
        read = asyncio.get_running_loop().run_in_executor
        app["behind"] = int(await read(None, sys.stdin.readline))
        # Until the input ends.
        await read(None, sys.stdin.readline)


asyncio.run(main())
