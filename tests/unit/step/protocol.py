# SPDX-License-Identifier: GPL-2.0
"""The netlink protocol: its document and its header."""

import re

from . import spec
from .tap import compare, read

HEADER = 'include/uapi/linux/gprobe.h'


def without_comments(text):
    return re.sub(r'/\*.*?\*/', '', text, flags=re.S)


def header_enums():
    """The header's enumerations: a list of [(name, value), ...]."""
    result = []
    for body in re.findall(r'\benum\b[^{;]*\{(.*?)\}',
                           without_comments(read(HEADER)), re.S):
        values, following = {}, 0
        for item in filter(None, map(str.strip, body.split(','))):
            name, _, value = map(str.strip, item.partition('='))
            if value:
                # A number, or an earlier one and a number.
                following = eval(value, {}, values)
            values[name] = following
            following += 1
        result.append(list(values.items()))
    return result


def header_constants():
    return dict(re.findall(r'^#define (GPROBE_\w+)\s+"?(\w+)"?$',
                           without_comments(read(HEADER)), re.M))


def split_max(enum):
    """An enumeration without what closes it, and that."""
    return ([each for each in enum if not re.search('_MAX$', each[0])],
            [each for each in enum if re.search('_MAX$', each[0])])


def check_enums():
    found = [split_max(enum)[0] for enum in header_enums()]
    expected = [list(zip(names, range(1, len(names) + 1)))
                for names in spec.enums().values()]
    complaints = []
    for enum in expected:
        if enum not in found:
            near = max(found, key=lambda other: len(set(enum) & set(other)))
            complaints += compare(HEADER, near, enum)
    return complaints + compare('number of enumerations', [len(found)],
                                [len(expected)])


def check_closed():
    complaints = []
    for enum in header_enums():
        names, closing = split_max(enum)
        last = names[-1][1]
        prefix = closing[-1][0].removesuffix('MAX')
        complaints += compare(
            f'end of {prefix}*', closing,
            [(f'__{prefix}MAX', last + 1), (f'{prefix}MAX', last)])
        complaints += [f'{name} does not begin with {prefix}'
                       for name, _ in names if not name.startswith(prefix)]
    return complaints


def check_constants():
    document = spec.load()
    expected = {
        'GPROBE_FAMILY_NAME': document['name'],
        'GPROBE_FAMILY_VERSION': str(document['version']),
    }
    for each in document['mcast-groups']['list']:
        expected[spec.c_name('gprobe-mcgrp', each['name'])] = each['name']
    for each in document['definitions']:
        if each['type'] == 'const':
            expected[spec.c_name('gprobe', each['name'])] = str(each['value'])
    return compare(HEADER, sorted(header_constants().items()),
                   sorted(expected.items()))


def check_structs():
    header = without_comments(read(HEADER))
    found = {name: re.findall(r'__(u\d+) (\w+);', body)
             for name, body in re.findall(r'^struct gprobe_(\w+) \{(.*?)^\};',
                                          header, re.M | re.S)}
    expected = {each['name']: [(member['type'],
                                member['name'].replace('-', '_'))
                               for member in each['members']]
                for each in spec.load()['definitions']
                if each['type'] == 'struct'}
    complaints = compare(f'structs of {HEADER}', sorted(found),
                         sorted(expected))
    for name in set(found) & set(expected):
        complaints += compare(f'struct gprobe_{name}', found[name],
                              expected[name])
    return complaints


def check_notifications():
    names = {each['name'] for each in spec.operations()}
    groups = {each['name'] for each in spec.load()['mcast-groups']['list']}
    complaints = []
    for each in spec.operations():
        unasked = 'notify' in each or 'event' in each
        if unasked != each['name'].endswith('-ntf'):
            complaints.append(f'{each["name"]}: only notifications end -ntf')
        if 'notify' in each and each['notify'] not in names:
            complaints.append(f'{each["name"]}: no command {each["notify"]}')
        if {'notify', 'mcgrp'} & set(each) and each.get('mcgrp') not in groups:
            complaints.append(f'{each["name"]}: no group {each.get("mcgrp")}')
    return complaints


CHECKS = [
    ('enumerations of header and spec are the same', check_enums),
    ('enumerations of the header are closed by their MAX', check_closed),
    ('constants of header and spec are the same', check_constants),
    ('structs of header and spec are the same', check_structs),
    ('notifications of the spec have a command and a group',
     check_notifications),
]
