"""Reads Kubernetes manifests by their kustomization.yaml, validates them by the schema, which refuses unknown
fields, and prints them as a JSON list.

usage: kubernetes.py FOLDER
"""

import json
import sys
from pathlib import Path

import kubernetes_validate
import yaml

VERSION = kubernetes_validate.latest_version()
# What this script understands of a kustomization; `images` changes nothing that is tested.
KNOWN = {"apiVersion", "kind", "namespace", "resources", "images"}


def manifests(folder: Path) -> list[dict]:
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert set(kustomization) <= KNOWN, f"{folder}: {set(kustomization) - KNOWN}"
    found = []
    for name in kustomization["resources"]:
        path = folder / name
        if path.is_dir():
            found += manifests(path)
        else:
            found += [m for m in yaml.safe_load_all(path.read_text()) if m]
    unused = {path.name for path in folder.glob("*.yaml")} - {
        "kustomization.yaml",
        *kustomization["resources"],
    }
    assert not unused, f"{folder}: {unused} aren't resources"
    return found


found = manifests(Path(sys.argv[1]))
for manifest in found:
    kubernetes_validate.validate(manifest, VERSION, strict=True)
json.dump(found, sys.stdout)
