#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the shipped JSON Schema of the host report against golden reports: it accepts each, and refuses it as soon as
any one member is missing or of another type. Every property that it knows is described, a figure with its unit."""

import copy
import json
import sys

import jsonschema

schema_path, *report_paths = sys.argv[1:]
with open(schema_path, encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)


def places(value, path=()):
    """Every path to a member or an element."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield path + (key,)
        yield from places(child, path + (key,))


def parent_of(document, path):
    for key in path[:-1]:
        document = document[key]
    return document


def other_type(value):
    """A value that no member may have instead: nothing in a report is a number where it is a list, and so on."""
    return [[]] if not isinstance(value, list) else {}


def attempts(report):
    """Changes of a report that the schema must refuse, each with its name."""
    for path in places(report):
        if isinstance(parent_of(report, path), dict):
            removed = copy.deepcopy(report)
            del parent_of(removed, path)[path[-1]]
            yield f"without {path}", removed
        mistyped = copy.deepcopy(report)
        parent = parent_of(mistyped, path)
        parent[path[-1]] = other_type(parent[path[-1]])
        yield f"with another type at {path}", mistyped


UNITS = ("bytes", "seconds", "minutes", "hours", "degrees Celsius", "per cent", "the share", "number")


def properties(of, path="$"):
    """Every property of a schema, wherever it stands, with its path."""
    if isinstance(of, list):
        for index, element in enumerate(of):
            yield from properties(element, f"{path}[{index}]")
    if isinstance(of, dict):
        for name, known in of.get("properties", {}).items():
            yield f"{path}.{name}", known
            yield from properties(known, f"{path}.{name}")
        for key, value in of.items():
            if key != "properties":
                yield from properties(value, f"{path}/{key}")


def is_figure(known):
    kinds = known.get("type", ())
    of_items = known.get("items", {}).get("type", ())
    return bool({"number", "integer"} & {*([kinds] if isinstance(kinds, str) else kinds), of_items})


def faults_of_descriptions():
    for path, known in properties({key: value for key, value in schema.items() if key != "$schema"}):
        if "/oneOf" in path:
            continue  # how members go together, not what they are
        description = known.get("description", "")
        if not description:
            yield f"{path} has no description"
        elif is_figure(known) and not any(unit in description for unit in UNITS):
            yield f"{path} is a figure without a unit: {description}"
        elif known.get("allOf") == [{"$ref": "#/definitions/usage"}] and "bytes" not in description:
            yield f"{path} does not say that it is bytes"


failures = list(faults_of_descriptions())
tried = 0
for path in report_paths:
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    failures += [f"{path}: {error.message}" for error in validator.iter_errors(report)]
    if not validator.is_valid({**report, "added_later": 1}):
        failures.append(f"{path}: refused for a member that a later agent adds")
    for name, changed in attempts(report):
        tried += 1
        if validator.is_valid(changed):
            failures.append(f"{path}: accepted {name}")

print("\n".join(failures))
print(f"{tried} changes tried, {len(failures)} failures")
sys.exit(1 if failures or tried < 100 else 0)
