"""Compares our .proto files with the official SDK's: it has all our methods, and all our fields with
the same number, name and type.

usage: fields.py PROTO_FOLDER
"""

import importlib
import sys
import tempfile
from pathlib import Path

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_tools import protoc


def our_pool(folder):
    """A separate pool, because the SDK uses the same names."""
    files = [str(path.relative_to(folder)) for path in Path(folder).rglob("*.proto")]
    wellknown = str(Path(grpc_tools.__file__).parent / "_proto")
    out = Path(tempfile.mkdtemp()) / "set.bin"
    arguments = [f"-I{folder}", f"-I{wellknown}", "--include_imports", f"--descriptor_set_out={out}"]
    assert protoc.main(["protoc", *arguments, *files]) == 0, "protoc failed"
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file:
        pool.Add(file)
    services = []
    for file in files:
        services.extend(pool.FindFileByName(file).services_by_name.values())
    return services


def their_pool():
    """Descriptors of the files that the SDK's modules register."""
    from nebius.base.protos import dynamic

    register, files = dynamic.register_file, {}

    def note(name, content, *more):
        files[name] = descriptor_pb2.FileDescriptorProto.FromString(content)
        return register(name, content, *more)

    dynamic.register_file = note
    for package in ("nebius.api.nebius.common.v1", "nebius.api.nebius.iam.v1"):
        importlib.import_module(package)
    pool, added = descriptor_pool.DescriptorPool(), set()

    def add(name):
        if name not in added and name in files:
            added.add(name)
            for needed in files[name].dependency:
                add(needed)
            pool.Add(files[name])

    for name in files:
        add(name)
    return pool


def compare(ours, theirs, seen, faults):
    if (ours.full_name, theirs.full_name) in seen:
        return
    seen.add((ours.full_name, theirs.full_name))
    for field in ours.fields:
        other = theirs.fields_by_number.get(field.number)
        where = f"{ours.full_name}.{field.name} = {field.number}"
        if other is None:
            faults.append(f"{where}: not in {theirs.full_name}")
        elif (field.name, field.type, field.is_repeated) != (
            other.name,
            other.type,
            other.is_repeated,
        ):
            faults.append(f"{where}: there it is {other.name} of type {other.type}")
        elif field.message_type is not None:
            compare(field.message_type, other.message_type, seen, faults)
        elif field.enum_type is not None:
            values = {value.number: value.name for value in other.enum_type.values}
            for value in field.enum_type.values:
                if values.get(value.number) != value.name:
                    faults.append(f"{where}: {value.name} = {value.number} is another there")


def main():
    theirs, faults, seen, methods = their_pool(), [], set(), 0
    for service in our_pool(sys.argv[1]):
        other = theirs.FindServiceByName(service.full_name)
        for method in service.methods:
            methods += 1
            twin = other.methods_by_name.get(method.name)
            if twin is None:
                faults.append(f"{service.full_name}/{method.name} is not there")
                continue
            compare(method.input_type, twin.input_type, seen, faults)
            compare(method.output_type, twin.output_type, seen, faults)
    if faults:
        print("\n".join(faults))
        sys.exit(1)
    print(f"{methods} methods, {len(seen)} messages agree")


main()
