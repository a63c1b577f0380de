#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every JSON Schema that is shipped has a name of its own, `$id`, that tells the document and its version: under it a
reader can keep it and refer to it."""

import json
import pathlib
import re
import sys

failures = []
shipped = sorted(pathlib.Path(sys.argv[1]).glob("*.schema.json"))
for path in shipped:
    text = path.read_text(encoding="utf-8")
    name = path.name.removeprefix("felhom-").removesuffix(".schema.json")
    versions = set(re.findall(f"felhom-{name}/([0-9]+)", text)) or {"1"}
    expected = {f"urn:felhom:{name}:{version}" for version in versions}
    if json.loads(text).get("$id") not in expected:
        failures.append(f"{path.name}: $id is {json.loads(text).get('$id')}, expected {expected}")

print("\n".join(failures))
print(f"{len(shipped)} schemas, {len(failures)} failures")
sys.exit(1 if failures or len(shipped) < 9 else 0)
