"""Compares our .proto files with the official SDK's. It must have all our methods, and our messages must
have exactly its fields and enum values, with the same numbers, names, types and deprecations. Also lists the
SDK's other services.

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
    """A separate pool, because the SDK uses the same names; and the services in it."""
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
    return pool, services


def their_pool():
    """Descriptors of the files that the SDK's modules register; and the names of all services."""
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
    names = (f"{file.package}.{service.name}" for file in files.values() for service in file.service)
    return pool, set(names)


def is_deprecated(thing):
    return thing.GetOptions().deprecated


def compare(ours, theirs, seen, faults):
    """Compares two messages and all messages and enums in their fields."""
    if ours.full_name in seen:
        return
    seen[ours.full_name] = theirs.full_name
    twins(ours.full_name, ours.fields_by_number, theirs.fields_by_number, faults)
    for field in ours.fields:
        other = theirs.fields_by_number.get(field.number)
        if other is None:
            continue
        where = f"{ours.full_name}.{field.name} = {field.number}"
        if (field.type, field.is_repeated) != (other.type, other.is_repeated):
            faults.append(f"{where}: has another type in the SDK, {other.type}")
        elif (own := group(field)) != (there := group(other)):
            faults.append(f"{where}: is in the oneof {own}, and in the SDK in {there}")
        elif field.message_type is not None:
            compare(field.message_type, other.message_type, seen, faults)
        elif field.enum_type is not None:
            values = [
                {value.number: value for value in enum.values}
                for enum in (field.enum_type, other.enum_type)
            ]
            twins(f"{where}, {field.enum_type.name}", *values, faults)


def group(field):
    """The name of the field's oneof; presence of a single field doesn't count as one."""
    oneof = field.containing_oneof
    return oneof.name if oneof is not None and len(oneof.fields) > 1 else None


def twins(where, ours, theirs, faults):
    """Compares fields or enum values by number: names and deprecations."""
    for number, one in ours.items():
        other = theirs.get(number)
        if other is None:
            faults.append(f"{where}: {one.name} = {number} isn't in the SDK")
        elif one.name != other.name:
            faults.append(f"{where}: {one.name} = {number} is {other.name} in the SDK")
        elif is_deprecated(one) != is_deprecated(other):
            state = "deprecated" if is_deprecated(other) else "not deprecated"
            faults.append(f"{where}: {one.name} = {number} is {state} in the SDK")
    for number, other in theirs.items():
        if number not in ours:
            state = " (deprecated)" if is_deprecated(other) else ""
            faults.append(f"{where}: lacks {other.name} = {number}{state}")


def main():
    (ours, our_services), (theirs, their_services) = our_pool(sys.argv[1]), their_pool()
    faults, seen, methods = [], {}, 0
    for service in our_services:
        other = theirs.FindServiceByName(service.full_name)
        for method in service.methods:
            methods += 1
            name = f"{service.full_name}/{method.name}"
            twin = other.methods_by_name.get(method.name)
            if twin is None:
                faults.append(f"{name} isn't in the SDK")
                continue
            if is_deprecated(method) != is_deprecated(twin):
                state = "deprecated" if is_deprecated(twin) else "not deprecated"
                faults.append(f"{name} is {state} in the SDK")
            compare(method.input_type, twin.input_type, seen, faults)
            compare(method.output_type, twin.output_type, seen, faults)
    # Error details are in no method.
    pair = (pool.FindMessageTypeByName("nebius.common.v1.ServiceError") for pool in (ours, theirs))
    compare(*pair, seen, faults)
    names = {service.full_name for service in our_services}
    for service in sorted(their_services - names):
        print(f"only in the SDK: {service}")
    print("\n".join(faults))
    print(f"{methods} methods and {len(seen)} messages compared, {len(faults)} differences")
    sys.exit(1 if faults else 0)


main()
