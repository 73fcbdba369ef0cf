"""Checks bundles with other people's Python: `validate BAG…` with Library of Congress' bagit, one JSON list of faults a
line; `decrypt KEYFILE FILE.age…` with pyrage (age in Rust) and Python's own zipfile, one JSON list of entries a line."""

import io
import json
import logging
import sys
import zipfile

import bagit
import pyrage

logging.disable(logging.CRITICAL)


def faults(path):
    try:
        bagit.Bag(path).validate()
        return []
    except bagit.BagValidationError as error:
        return [str(detail) for detail in error.details] or [str(error)]
    except bagit.BagError as error:
        return [str(error)]


def entries(key_file, path):
    with open(key_file) as text:
        key = next(line.strip() for line in text if line.startswith("AGE-SECRET-KEY-"))
    with open(path, "rb") as sealed:
        plain = pyrage.decrypt(sealed.read(), [pyrage.x25519.Identity.from_str(key)])
    with zipfile.ZipFile(io.BytesIO(plain)) as volume:
        broken = volume.testzip()
        if broken is not None:
            raise SystemExit(f"{path}: {broken} is broken")
        return volume.namelist()


command, *rest = sys.argv[1:]
if command == "validate":
    for bag in rest:
        print(json.dumps(faults(bag)))
else:
    for volume in rest[1:]:
        print(json.dumps(entries(rest[0], volume)))
