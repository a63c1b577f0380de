#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the shipped JSON Schema against the documents whose verdicts the parser's test knows."""

import json
import sys

import jsonschema

schema_path, cases_path = sys.argv[1:]
with open(schema_path, encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

with open(cases_path, encoding="utf-8") as file:
    cases = json.load(file)
wrong = 0
for case in cases:
    verdict = "accepts" if validator.is_valid(json.loads(case["document"])) else "refuses"
    if verdict != case["schema"]:
        print(f"the schema {verdict}, but should {case['schema'][:-1]}: {case['document']}")
        wrong += 1
print(f"{len(cases) - wrong} passed, {wrong} failed")
sys.exit(1 if wrong or not cases else 0)
