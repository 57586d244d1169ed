# SPDX-License-Identifier: GPL-2.0
"""The protocol's document, in the names of the header."""

import functools

from .tap import Skip, TOP

PATH = 'Documentation/netlink/specs/gprobe.yaml'


@functools.lru_cache(None)
def load():
    try:
        import yaml
    except ImportError:
        raise Skip('python3-yaml is not installed') from None
    return yaml.safe_load((TOP / PATH).read_text())


def c_name(*words):
    return '_'.join(words).upper().replace('-', '_').replace('__', '_')


def attribute_name(attributes, name):
    """The enumerator of attribute @name of the set @attributes."""
    return c_name(attribute_sets()[attributes]['name-prefix'], name)


def attribute_sets():
    return {each['name']: each for each in load()['attribute-sets']}


def definitions():
    return {each['name']: each for each in load()['definitions']}


def operations():
    return load()['operations']['list']


def enums():
    """What the header's enumerations have: {prefix: [name, ...]}."""
    result = {c_name('gprobe-cmd-'): [c_name('gprobe-cmd', each['name'])
                                      for each in operations()]}
    for each in attribute_sets().values():
        prefix = each['name-prefix']
        result[c_name(prefix)] = [c_name(prefix, attribute['name'])
                                  for attribute in each['attributes']]
    for name, each in definitions().items():
        if each['type'] == 'enum':
            prefix = c_name('gprobe', name, '')
            result[prefix] = [c_name(prefix, entry['name'])
                              for entry in each['entries']]
    return result


def accepted(attributes):
    """Attributes of a set that a request may have, in the set's order."""
    names = set()
    for operation in operations():
        if operation.get('attribute-set') == attributes:
            for kind in ('do', 'dump'):
                request = operation.get(kind, {}).get('request', {})
                names.update(request.get('attributes', []))
    return [each for each in attribute_sets()[attributes]['attributes']
            if each['name'] in names]


def replied(attributes):
    """Attributes of a set that an answer or an event may have."""
    names = set()
    for operation in operations():
        if operation.get('attribute-set') == attributes:
            for kind in ('do', 'dump'):
                reply = operation.get(kind, {}).get('reply', {})
                names.update(reply.get('attributes', []))
            names.update(operation.get('event', {}).get('attributes', []))
    return sorted(attribute_name(attributes, name) for name in names)
