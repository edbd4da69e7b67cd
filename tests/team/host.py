"""Follows the guide for a team's page on a machine with systemd, and then uses the page as a person does.

usage: host.py FOLDER

Runs in a container with systemd and no network. What only the outside world has is made here: the certificates,
the issuer (issuer.py), the API (the embedded IAM under the API's names) with a service account's credentials. The
commands of docs/operate.md run in FOLDER, where the operator has put them. Ends with an error if anything isn't as it should be.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

FOLDER = Path(sys.argv[1])
HERE = Path(__file__).parent
GATEWAY = Path(os.environ["KEYSIDE"]) / "target/dist/keyside"
WORLD = Path("/root/world")
API_NAMES = ["cpl.iam.api.nebius.cloud", "tokens.iam.api.nebius.cloud"]
ISSUER, API = "10.0.0.2", "10.0.0.3"
ADDRESSES = {ISSUER: ["auth.example"], API: API_NAMES, "127.0.0.1": ["keys.example"]}
ADMIN_TOKEN = "an-admin-token-for-tests"
SECRET = "secret-of-the-client"


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def in_the_world(*command, **options):
    """Starts a program on the other side of a network cable."""
    command = "nsenter", "--net=/run/netns/world", *command
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, **options)


def connect_to_the_world():
    run("ip", "netns", "add", "world")
    run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there", "netns", "world")
    for place, end, addresses in [((), "here", ["10.0.0.1"]), (("-n", "world"), "there", [ISSUER, API])]:
        for address in addresses:
            run("ip", *place, "address", "add", f"{address}/24", "dev", end)
        run("ip", *place, "link", "set", end, "up")


def certificates():
    names = [name for names in ADDRESSES.values() for name in names]
    WORLD.mkdir()
    run(sys.executable, HERE.parent / "upstream/certificates.py", WORLD, "30", *names)
    with open("/etc/ssl/certs/ca-certificates.crt", "a") as authorities:
        authorities.write((WORLD / "ca.pem").read_text())
    with open("/etc/hosts", "a") as hosts:
        for address, names in ADDRESSES.items():
            hosts.write(f"{address} {' '.join(names)}\n")


def start_issuer():
    settings = {
        "url": "https://auth.example",
        "listen": [ISSUER, 443],
        "tls": [str(WORLD / "server.pem"), str(WORLD / "server.key")],
        "secret": SECRET,
        "redirect": "https://keys.example/oauth2/callback",
        "access_token": "unused",
    }
    issuer = in_the_world(sys.executable, HERE / "issuer.py", json.dumps(settings))
    assert issuer.stdout.readline() == "443\n"


def ask(method, request):
    """Calls the API as its administrator."""
    call = urllib.request.Request(
        f"https://{API_NAMES[0]}/nebius.iam.v1.{method}",
        json.dumps(request).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {ADMIN_TOKEN}"},
    )
    return json.load(urllib.request.urlopen(call))


def start_api():
    """Returns the IDs that it prints, by name."""
    hosts = [part for name in API_NAMES for part in ("--host", name)]
    tls = "--tls-cert", WORLD / "server.pem", "--tls-key", WORLD / "server.key"
    data = "--data", WORLD / "api"
    api = in_the_world(
        GATEWAY,
        *("serve", "--listen", f"{API}:443", *tls, *hosts, *data),
        env=os.environ | {"KEYSIDE_ADMIN_TOKEN": ADMIN_TOKEN},
        stderr=subprocess.DEVNULL,
    )
    ids = {}
    for line in api.stdout:
        if match := re.match(r"  ([a-z ]+?) +([a-z]+-[a-z0-9]+)$", line.rstrip()):
            ids[match[1]] = match[2]
        if "#" in line:
            return ids
    raise SystemExit("The API didn't start.")


def credentials(ids):
    """An authorized key of the first service account, as an administrator makes it with OpenSSL."""
    private = run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096")
    public = run("openssl", "pkey", "-pubout", input=private)
    account = ids["service account"]
    key = ask(
        "AuthPublicKeyService/Create",
        {
            "metadata": {"parentId": ids["project"]},
            "spec": {"account": {"serviceAccount": {"id": account}}, "data": public},
        },
    )["resourceId"]
    groups = ask("GroupService/List", {"parentId": ids["tenant"]})["items"]
    [admins] = [g["metadata"]["id"] for g in groups if g["metadata"]["name"] == "admins"]
    member = {"metadata": {"parentId": admins}, "spec": {"memberId": account}}
    ask("GroupMembershipService/Create", member)
    subject = {"type": "JWT", "alg": "RS256", "private-key": private, "kid": key}
    return {"subject-credentials": subject | {"iss": account, "sub": account}}


def curl(*arguments):
    return run("curl", "-sS", "--max-time", "20", *arguments)


def follow(part, at_least):
    """Runs the commands of a part of the guide, which has at least that many lines."""
    text = (Path(os.environ["KEYSIDE"]) / "docs/operate.md").read_text()
    blocks = text.split(f"```sh {part}\n")[1:]
    commands = "".join(block.split("```")[0] for block in blocks)
    assert commands.count("\n") >= at_least, commands
    started = time.monotonic()
    followed = subprocess.run(["bash", "-euxo", "pipefail", "-c", commands], cwd=FOLDER)
    if followed.returncode:
        raise SystemExit(run("journalctl", "--no-pager", "-o", "cat", "-n", "60"))
    print(f"The commands for the {part} took {time.monotonic() - started:.1f} s.")


def use_the_page(ids):
    call = ["-H", "content-type: application/json", "-w", "%{http_code}", "-d"]
    profile = "https://keys.example/nebius.iam.v1.ProfileService/Get"
    # Nobody is signed in: a call is refused, and a page leads to the issuer.
    assert curl(*call, "{}", profile).endswith("401")
    forged = curl("-H", "oidc_id_token: e30.e30.", *call, "{}", profile)
    assert forged.endswith("401"), forged
    assert "auth.example/oauth2/authorize" in curl("-o", "/dev/null", "-w", "%{redirect_url}", "https://keys.example/")

    jar = ["-b", WORLD / "cookies", "-c", WORLD / "cookies"]
    page = curl("-L", *jar, "-w", "%{url_effective}", "https://keys.example/")
    assert "<title>Keyside" in page and page.endswith("https://keys.example/"), page
    answer = curl(*jar, *call, "{}", profile)
    assert answer.endswith("200"), answer
    new = {"metadata": {"parentId": ids["project"], "name": "made-by-anna"}}
    create = "https://keys.example/nebius.iam.v1.ServiceAccountService/Create"
    answer = curl(*jar, *call, json.dumps(new), create)
    assert answer.endswith("200"), answer
    # Past the proxy, nobody gets in.
    direct = "http://127.0.0.1:8080/nebius.iam.v1.ProfileService/Get"
    assert curl("-H", "host: keys.example", *call, "{}", direct).endswith("401")
    listed = ask("ServiceAccountService/List", {"parentId": ids["project"]})["items"]
    assert "made-by-anna" in [account["metadata"]["name"] for account in listed]
    records = Path("/var/lib/keyside/audit.jsonl").read_text()
    assert "anna@example.org" in records and "ServiceAccountService/Create" in records, records
    assert "BEGIN" not in records


def hold_the_service_to_its_limits():
    shown = run("systemctl", "show", "keyside", "-p", "ActiveState,DynamicUser,MainPID,NRestarts")
    assert "ActiveState=active" in shown and "DynamicUser=yes" in shown, shown
    assert "NRestarts=0" in shown, shown
    pid = re.search(r"MainPID=(\d+)", shown)[1]
    status = Path(f"/proc/{pid}/status").read_text()
    assert "CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status, status
    assert not re.search(r"Uid:\t0", status), status


def main():
    certificates()
    connect_to_the_world()
    start_issuer()
    ids = start_api()
    (FOLDER / "credentials.json").write_text(json.dumps(credentials(ids)))
    (FOLDER / "client-secret").write_text(SECRET)
    (FOLDER / "chain.pem").write_text((WORLD / "server.pem").read_text())
    (FOLDER / "key.pem").write_text((WORLD / "server.key").read_text())
    follow("team", 30)
    use_the_page(ids)
    follow("upkeep", 4)
    hold_the_service_to_its_limits()
    print("All is as the guide says.")


main()
