"""Reads a snippet of the page from stdin as its tool does.

usage: handover.py yaml | pod | hcl | go | powershell | batch
       handover.py python HOST:PORT SERVICE_ACCOUNT_ID
       handover.py profile HOST:PORT SERVICE_ACCOUNT_ID
Prints the result as JSON; fails if the tool would refuse the snippet.
"""

import asyncio
import importlib
import json
import sys
import warnings
from functools import partial

import nebius.sdk
from nebius.aio.cli_config import Config

from sdk import at, list_keys


def parse_yaml(text: str) -> object:
    import yaml

    return yaml.safe_load(text)


def parse_pod(text: str) -> object:
    """Reads part of a Pod by the Kubernetes schema, which refuses unknown fields."""
    import kubernetes_validate

    part = parse_yaml(text)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, **part}
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)
    return part


def parse_hcl(text: str) -> object:
    """Parses HCL: a block becomes a list of objects, a value doesn't."""
    import hcl2
    from hcl2.utils import SerializationOptions

    plain = SerializationOptions(explicit_blocks=False, strip_string_quotes=True)
    return hcl2.loads(text, serialization_options=plain)


def parts(grammar: object, text: str, pattern: str) -> list[dict[str, str]]:
    """What the pattern finds in the text; fails if the grammar doesn't know the text."""
    from tree_sitter import Language, Parser, Query, QueryCursor

    language = Language(grammar)
    root = Parser(language).parse(text.encode()).root_node
    if root.has_error:
        sys.exit(f"not in this language: {root}")
    matches = QueryCursor(Query(language, pattern)).matches(root)
    return [
        {name: nodes[0].text.decode() for name, nodes in captures.items()}
        for _, captures in matches
    ]


def parse_shell(grammar: str, commands: str, values: str, text: str) -> object:
    """The commands, and the values of variables: `it` in the patterns."""
    # The last command ends like the others.
    found = partial(parts, importlib.import_module(grammar).language(), f"{text}\n")
    return {
        "commands": [each["it"] for each in found(commands)],
        "values": [each["it"] for each in found(values)],
    }


parse_powershell = partial(
    parse_shell,
    "tree_sitter_powershell",
    "(command command_name: (_) @it)",
    "(assignment_expression value: (_) @it)",
)
parse_batch = partial(
    parse_shell,
    "tree_sitter_batch",
    "(cmd (command_name) @it)",
    "(variable_assignment (quoted_assignment_value) @it)",
)


def parse_go(text: str) -> object:
    """The imports, and the called functions with their arguments."""
    import tree_sitter_go

    found = partial(parts, tree_sitter_go.language(), text)
    imports = found("(import_spec path: (_) @path)")
    calls = found("(call_expression function: (_) @function arguments: (_) @arguments)")
    return {
        "imports": [each["path"] for each in imports],
        "calls": {each["function"]: each["arguments"] for each in calls},
    }


async def run_python(text: str, address: str, account: str) -> object:
    """Runs the snippet, with another address for the SDK, and uses the `sdk` that it creates."""
    warnings.simplefilter("error", FutureWarning)
    nebius.sdk.SDK = partial(nebius.sdk.SDK, **at(address))
    scope: dict = {}
    exec(compile(text, "snippet", "exec"), scope)
    return await list_keys(scope["sdk"], account)


async def use_profile(address: str, account: str) -> object:
    """Uses the default profile of ~/.nebius/config.yaml, which the SDK reads like the CLI."""
    config = Config()
    sdk = nebius.sdk.SDK(
        config_reader=config,
        user_agent_prefix="keyside-check/1.0",
        **at(address),
    )
    return {
        "profile": config.profile_name(),
        "endpoint": config.endpoint(),
        "parent": config.parent_id,
        "keys": await list_keys(sdk, account),
    }


def main(action: str, *more: str) -> None:
    text = sys.stdin.read()
    parsers = {
        "yaml": parse_yaml,
        "pod": parse_pod,
        "hcl": parse_hcl,
        "go": parse_go,
        "powershell": parse_powershell,
        "batch": parse_batch,
    }
    if action in parsers:
        found = parsers[action](text)
    elif action == "python":
        found = asyncio.run(run_python(text, *more))
    else:
        found = asyncio.run(use_profile(*more))
    print(json.dumps(found))


main(*sys.argv[1:])
