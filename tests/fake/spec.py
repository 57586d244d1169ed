#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints what requests the protocol's document allows, as tables for fuzz.c."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'unit'))

from step import spec  # noqa: E402

BYTES = {'u32': 4, 'u64': 8, 'flag': 0}


def limits(attribute):
    """Smallest and biggest value, or length where it is bytes."""
    checks = attribute.get('checks', {})
    if attribute['type'] in ('binary', 'string'):
        exact = checks.get('exact-len')
        return (exact or checks.get('min-len', 0),
                exact or checks.get('max-len', 32))
    if 'enum' in attribute:
        return 1, len(spec.definitions()[attribute['enum']]['entries'])
    top = 2 ** (8 * BYTES[attribute['type']]) - 1
    return checks.get('min', 0), checks.get('max', top)


def row(attributes, name):
    each = next(each for each in spec.attribute_sets()[attributes]['attributes']
                if each['name'] == name)
    low, high = limits(each)
    return (f'\t\t{{ {spec.attribute_name(attributes, name)}, '
            f'SPEC_{each["type"].upper()}, "{name}", {low}ULL, {high}ULL }},')


def command(operation, kind):
    attributes = operation.get('attribute-set')
    names = (operation[kind].get('request') or {}).get('attributes', [])
    rows = '\n'.join(row(attributes, name) for name in names)
    return (f'\t{{ {spec.c_name("gprobe-cmd", operation["name"])}, '
            f'{int(kind == "dump")}, "{operation["name"]}", {len(names)}, {{\n'
            f'{rows or "		{ 0 },"}\n\t}} }},')


def main():
    print('/* Made by spec.py. */\nstatic const struct spec_command commands[] = {')
    for operation in spec.operations():
        for kind in ('do', 'dump'):
            if kind in operation and 'notify' not in operation:
                print(command(operation, kind))
    print('};')


main()
