"""An IAM API without any of Keyside's code: grpcio with the .proto files.

usage: api.py PROTO_FOLDER [CERTIFICATE KEY]

It listens on two ports of 127.0.0.1 (TLS with a certificate): the first goes through a relay that
can cut or freeze connections, the second is an HTTP proxy (CONNECT) that leads to the first one
for any address. Commands come as JSON lines on standard input, answers go as JSON lines
to standard output:

  {"do": "fail", "method": M, "with": {"code": C, "message": M, "details": [...]}, "times": N}
  {"do": "delay", "method": M, "seconds": S, "times": N}
  {"do": "operations", "take": S, "end": "success" | "failure" | "never"}
  {"do": "cut", "after": BYTES}     all current connections, after this many more bytes of answers
  {"do": "freeze"}                  all current connections: nothing passes, nothing closes
  {"do": "calls"}                   calls so far: method, metadata, request
  {"do": "keys"}                    IDs of the created keys, and their idempotency keys
  {"do": "asked"}                   the first lines of the requests to the proxy
"""

import asyncio
import importlib
import json
import sys
import tempfile
import time
from pathlib import Path

import grpc
from google.protobuf import json_format, unknown_fields
from google.rpc import error_details_pb2
from grpc_tools import protoc

TOKEN = "upstream-token"
TENANT, PROJECT, ACCOUNT = "tenant-u00one", "project-u00one", "serviceaccount-u00one"
PERSON = "tenantuseraccount-u00one"
GROUPS = ("auditors", "viewers", "editors", "admins")


def compile_protos(folder):
    out = tempfile.mkdtemp()
    files = [str(p.relative_to(folder)) for p in Path(folder).rglob("*.proto")]
    # googleapis-common-protos contains google.rpc in compiled form.
    files = [f for f in files if not f.startswith("google/")]
    import grpc_tools

    wellknown = str(Path(grpc_tools.__file__).parent / "_proto")
    status = protoc.main(
        ["protoc", f"-I{folder}", f"-I{wellknown}", f"--python_out={out}", *files]
    )
    assert status == 0, "protoc failed"
    # Makes them packages, so that the SDK's of the same name aren't found instead.
    for file in Path(out).rglob("*_pb2.py"):
        for parent in file.relative_to(out).parents:
            (Path(out) / parent / "__init__.py").touch()
    sys.path.insert(0, out)
    names = [f.removesuffix(".proto").replace("/", ".") + "_pb2" for f in files]
    return {name.rsplit(".", 1)[1]: importlib.import_module(name) for name in names}


class Api:
    def __init__(self, pb):
        self.pb = pb
        self.calls, self.keys, self.operations = [], [], {}
        # IDs of the membership, group and member.
        self.memberships = {"groupmembership-u00admin": (self.group_id("admins"), PERSON)}
        self.failures, self.delays = [], []
        self.take, self.end = 0.3, "success"

    # -- state that commands change

    def take_matching(self, rules, method):
        for rule in rules:
            if rule["method"] == method and rule["times"] > 0:
                rule["times"] -= 1
                return rule
        return None

    async def enter(self, method, request, context):
        metadata = {k: v for k, v in context.invocation_metadata() if isinstance(v, str)}
        self.calls.append(
            {
                "method": method,
                "metadata": metadata,
                "request": json_format.MessageToDict(request),
                "unknown": [f.field_number for f in unknown_fields.UnknownFieldSet(request)],
                "left_s": context.time_remaining(),
            }
        )
        context.set_trailing_metadata((("x-trace-id", "trace-of-upstream"),))
        await context.send_initial_metadata((("x-request-id", "request-of-upstream"),))
        if delay := self.take_matching(self.delays, method):
            await asyncio.sleep(delay["seconds"])
        if failure := self.take_matching(self.failures, method):
            await self.fail(context, failure["with"])
        if method != "TokenExchangeService/Exchange":
            if metadata.get("authorization") != f"Bearer {TOKEN}":
                await self.fail(context, {"code": "UNAUTHENTICATED", "message": "no such token"})

    async def fail(self, context, failure):
        from google.protobuf.any_pb2 import Any
        from google.rpc.status_pb2 import Status

        code = grpc.StatusCode[failure["code"]]
        status = Status(code=code.value[0], message=failure["message"])
        for detail in failure.get("details", []):
            packed = Any()
            kinds = self.pb["error_pb2"] if detail["type"] == "ServiceError" else error_details_pb2
            kind = getattr(kinds, detail["type"])
            packed.Pack(json_format.ParseDict(detail["value"], kind()))
            status.details.append(packed)
        trailers = [("x-trace-id", "trace-of-upstream")]
        if status.details:
            trailers.append(("grpc-status-details-bin", status.SerializeToString()))
        await context.abort(code, failure["message"], tuple(trailers))

    # -- the services

    def container(self, id, parent):
        return self.pb["container_pb2"].Container(
            metadata={"id": id, "parent_id": parent, "name": f"name of {id}"}
        )

    def account(self):
        account = self.pb["service_account_pb2"].ServiceAccount(
            metadata={"id": ACCOUNT, "parent_id": PROJECT, "name": "upstream-account"},
            status={"active": True},
        )
        return account

    async def profile_get(self, request):
        return self.pb["profile_pb2"].GetProfileResponse(
            user_profile={
                "id": "useraccount-u00one",
                "attributes": {"name": "Upstream admin"},
                "tenants": [{"tenant_id": TENANT, "tenant_user_account_id": PERSON}],
            }
        )

    async def tenant_list(self, request):
        return self.pb["container_pb2"].ListTenantsResponse(items=[self.container(TENANT, "")])

    async def project_list(self, request):
        return self.pb["container_pb2"].ListProjectsResponse(
            items=[self.container(PROJECT, request.parent_id)]
        )

    async def account_list(self, request):
        answer = self.pb["service_account_pb2"].ListServiceAccountsResponse
        return answer(items=[self.account()])

    async def account_get(self, request):
        return self.account()

    @staticmethod
    def group_id(name):
        return f"group-u00{name}"

    def group(self, name):
        id = self.group_id(name)
        members = [member for group, member in self.memberships.values() if group == id]
        accounts = sum(member == ACCOUNT for member in members)
        return self.pb["group_pb2"].Group(
            metadata={"id": id, "parent_id": TENANT, "name": name},
            status={
                "state": "ACTIVE",
                "members_count": len(members),
                "service_accounts_count": accounts,
                "tenant_user_accounts_count": len(members) - accounts,
            },
        )

    async def group_get(self, request):
        return next(g for g in map(self.group, GROUPS) if g.metadata.id == request.id)

    async def group_get_by_name(self, request):
        return self.group(request.name)

    async def group_list(self, request):
        names = GROUPS if request.parent_id == TENANT else ()
        return self.pb["group_pb2"].ListGroupsResponse(items=map(self.group, names))

    async def membership_create(self, request):
        made = (request.metadata.parent_id, request.spec.member_id)
        id = next((id for id, known in self.memberships.items() if known == made), None)
        if id is None:
            id = f"groupmembership-u00n{len(self.operations)}"
            self.memberships[id] = made
        return self.operation(self.begin(id))

    async def membership_delete(self, request):
        del self.memberships[request.id]
        return self.operation(self.begin(request.id))

    async def membership_list(self, request):
        module = self.pb["group_membership_pb2"]
        return module.ListGroupMembershipsResponse(
            memberships=[
                module.GroupMembership(
                    metadata={"id": id, "parent_id": group}, spec={"member_id": member}
                )
                for id, (group, member) in self.memberships.items()
                if group == request.parent_id
            ]
        )

    async def member_of(self, request):
        groups = {g for g, member in self.memberships.values() if member == request.subject_id}
        items = [self.group(name) for name in GROUPS if self.group_id(name) in groups]
        return self.pb["group_membership_pb2"].ListMemberOfResponse(items=items)

    def key(self, made):
        module = self.pb["auth_public_key_pb2"]
        key = module.AuthPublicKey(
            metadata={"id": made["id"], "parent_id": PROJECT},
            spec=made["spec"],
            status={"fingerprint": "opaque", "algorithm": "RSA", "key_size": 4096},
        )
        key.metadata.created_at.FromSeconds(int(time.time()))
        # A state and a field of a later API version.
        key.status.MergeFromString(b"\x08\x2a")
        key.MergeFromString(b"\x9a\x06\x05later")
        return key

    async def key_list(self, request):
        answer = self.pb["auth_public_key_pb2"].ListAuthPublicKeysResponse
        return answer(items=[self.key(made) for made in self.keys])

    async def key_get(self, request):
        return self.key(next(made for made in self.keys if made["id"] == request.id))

    async def key_create(self, request, metadata):
        once = metadata.get("x-idempotency-key")
        made = next((m for m in self.keys if once and m["once"] == once), None)
        if made is None:
            made = {"id": f"publickey-u00n{len(self.keys)}", "spec": request.spec, "once": once}
            self.keys.append(made)
            made["operation"] = self.begin(made["id"])
        return self.operation(made["operation"])

    def begin(self, resource_id):
        id = f"operation-u00n{len(self.operations)}"
        self.operations[id] = (resource_id, time.monotonic(), self.take, self.end)
        return id

    def operation(self, id):
        resource_id, began, take, end = self.operations[id]
        operation = self.pb["operation_pb2"].Operation(id=id, resource_id=resource_id)
        operation.created_at.FromSeconds(int(time.time()))
        if end != "never" and time.monotonic() - began >= take:
            operation.finished_at.FromSeconds(int(time.time()))
            operation.status.code = 0 if end == "success" else 9
            operation.status.message = "" if end == "success" else "the key was not wanted"
            if end != "success":
                self.keys = [made for made in self.keys if made["id"] != resource_id]
                self.memberships.pop(resource_id, None)
        return operation

    async def operation_get(self, request):
        return self.operation(request.id)

    async def exchange(self, request):
        return self.pb["token_exchange_pb2"].CreateTokenResponse(
            access_token="of-upstream", token_type="Bearer", expires_in=43200
        )

    def handlers(self):
        pb = self.pb
        table = {
            "nebius.iam.v1.ProfileService/Get": (self.profile_get, pb["profile_pb2"].GetProfileRequest),
            "nebius.iam.v1.TenantService/List": (self.tenant_list, pb["container_pb2"].ListTenantsRequest),
            "nebius.iam.v1.ProjectService/List": (self.project_list, pb["container_pb2"].ListProjectsRequest),
            "nebius.iam.v1.ServiceAccountService/List": (
                self.account_list,
                pb["service_account_pb2"].ListServiceAccountsRequest,
            ),
            "nebius.iam.v1.ServiceAccountService/Get": (
                self.account_get,
                pb["service_account_pb2"].GetServiceAccountRequest,
            ),
            "nebius.iam.v1.AuthPublicKeyService/Create": (
                self.key_create,
                pb["auth_public_key_pb2"].CreateAuthPublicKeyRequest,
            ),
            "nebius.iam.v1.AuthPublicKeyService/Get": (
                self.key_get,
                pb["auth_public_key_pb2"].GetAuthPublicKeyRequest,
            ),
            "nebius.iam.v1.AuthPublicKeyService/ListByAccount": (
                self.key_list,
                pb["auth_public_key_pb2"].ListAuthPublicKeysByAccountRequest,
            ),
            "nebius.iam.v1.GroupService/Get": (self.group_get, pb["group_pb2"].GetGroupRequest),
            "nebius.iam.v1.GroupService/GetByName": (
                self.group_get_by_name,
                pb["group_pb2"].GetGroupByNameRequest,
            ),
            "nebius.iam.v1.GroupService/List": (self.group_list, pb["group_pb2"].ListGroupsRequest),
            "nebius.iam.v1.GroupMembershipService/Create": (
                self.membership_create,
                pb["group_membership_pb2"].CreateGroupMembershipRequest,
            ),
            "nebius.iam.v1.GroupMembershipService/Delete": (
                self.membership_delete,
                pb["group_membership_pb2"].DeleteGroupMembershipRequest,
            ),
            "nebius.iam.v1.GroupMembershipService/ListMembers": (
                self.membership_list,
                pb["group_membership_pb2"].ListGroupMembershipsRequest,
            ),
            "nebius.iam.v1.GroupMembershipService/ListMemberOf": (
                self.member_of,
                pb["group_membership_pb2"].ListMemberOfRequest,
            ),
            "nebius.common.v1.OperationService/Get": (
                self.operation_get,
                pb["operation_pb2"].GetOperationRequest,
            ),
            "nebius.iam.v1.TokenExchangeService/Exchange": (
                self.exchange,
                pb["token_exchange_pb2"].ExchangeTokenRequest,
            ),
        }
        services = {}
        for path, (f, request) in table.items():
            service, method = path.split("/")
            short = f"{service.rsplit('.', 1)[1]}/{method}"
            services.setdefault(service, {})[method] = self.handler(short, f, request)
        return [grpc.method_handlers_generic_handler(s, m) for s, m in services.items()]

    def handler(self, short, f, request):
        async def answer(message, context):
            await self.enter(short, message, context)
            if f == self.key_create:
                metadata = dict(context.invocation_metadata())
                return await f(message, metadata)
            return await f(message)

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=request.FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )


class Relay:
    """Forwards bytes until a command stops it."""

    def __init__(self, to):
        self.to, self.links = to, []

    async def serve(self, reader, writer):
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.to)
        link = {"frozen": False, "left": None}
        self.links.append(link)
        ends = [writer, there_writer]
        await asyncio.gather(
            self.pump(reader, there_writer, link, False, ends),
            self.pump(there_reader, writer, link, True, ends),
            return_exceptions=True,
        )

    async def pump(self, reader, writer, link, is_answer, ends):
        while data := await reader.read(65536):
            while link["frozen"]:
                await asyncio.sleep(0.05)
            if is_answer and link["left"] is not None:
                link["left"] -= len(data)
                if link["left"] <= 0:
                    for end in ends:
                        end.transport.abort()
                    return
            writer.write(data)
            await writer.drain()
        writer.close()


async def proxy(relay, asked, reader, writer):
    """Handles CONNECT: leads to the relay for any name."""
    head = await reader.readuntil(b"\r\n\r\n")
    asked.append(head.split(b"\r\n", 1)[0].decode())
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await writer.drain()
    await relay.serve(reader, writer)


async def main():
    api = Api(compile_protos(sys.argv[1]))
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(api.handlers())
    if len(sys.argv) > 3:
        certificate, key = (Path(path).read_bytes() for path in sys.argv[2:4])
        credentials = grpc.ssl_server_credentials([(key, certificate)])
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    relay, asked = Relay(port), []
    front = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    connect = await asyncio.start_server(
        lambda r, w: proxy(relay, asked, r, w), "127.0.0.1", 0
    )

    def say(value):
        print(json.dumps(value), flush=True)

    ports = [s.sockets[0].getsockname()[1] for s in (front, connect)]
    say({"port": ports[0], "proxy": ports[1]})
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    while line := await lines.readline():
        command = json.loads(line)
        match command.pop("do"):
            case "fail":
                api.failures.append(command)
            case "delay":
                api.delays.append(command)
            case "operations":
                api.take, api.end = command["take"], command["end"]
            case "cut":
                for link in relay.links:
                    link["left"] = command["after"]
            case "freeze":
                for link in relay.links:
                    link["frozen"] = True
            case "calls":
                say(api.calls)
                continue
            case "keys":
                say([{"id": made["id"], "once": made["once"]} for made in api.keys])
                continue
            case "asked":
                say(asked)
                continue
        say({})


asyncio.run(main())
