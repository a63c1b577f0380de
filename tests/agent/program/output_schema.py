#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the shipped JSON Schema of an output against an output: it accepts it, and refuses it as soon as any one member
is missing or of another type. `--any MEMBER`: the names in that member are not the schema's to know."""

import argparse
import copy
import json
import sys

import jsonschema

parser = argparse.ArgumentParser()
parser.add_argument("schema")
parser.add_argument("output")
parser.add_argument("--any")
asked = parser.parse_args()

with open(asked.schema, encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
with open(asked.output, encoding="utf-8") as file:
    output = json.load(file)


def places(value, path=()):
    """Every path to a member or an element."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield path + (key,)
        yield from places(child, path + (key,))


def changed(path, change):
    document = copy.deepcopy(output)
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return document


def remove(parent, key):
    del parent[key]


def mistype(parent, key):
    parent[key] = {"of": "another type"} if isinstance(parent[key], list) else [[]]


failures = [error.message for error in validator.iter_errors(output)]
if not validator.is_valid({**output, "added_later": 1}):
    failures.append("refused for a member that a later agent adds")
for where in places(output):
    if validator.is_valid(changed(where, mistype)):
        failures.append(f"accepted with another type at {where}")
    if isinstance(where[-1], str) and where[:-1] != (asked.any,) and validator.is_valid(changed(where, remove)):
        failures.append(f"accepted without {where}")

print("\n".join(failures))
sys.exit(1 if failures else 0)
