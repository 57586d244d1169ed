# SPDX-License-Identifier: GPL-2.0
"""The library: what it declares, exports and reads."""

import pathlib
import re
import tempfile

from . import spec
from .tap import TOP, cc, compare, read


def public_headers():
    return sorted((TOP / 'include/gprobe').glob('*.h'))


def declared():
    """Functions that the public headers declare, as the compiler sees it."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / 'all.c'
        source.write_text('#include <linux/types.h>\n' + ''.join(
            f'#include <gprobe/{each.name}>\n' for each in public_headers()))
        status, said = cc('-c', '-o', '/dev/null', '-aux-info',
                          f'{folder}/info', source)
        if status:
            raise RuntimeError(said)
        info = (pathlib.Path(folder) / 'info').read_text()
    return re.findall(rf'^/\* {re.escape(str(TOP))}/include/gprobe/.*? \*/ '
                      r'extern .*?(\w+) \(', info, re.M)


def exported():
    script = read('user/lib/libgprobe.map')
    names = re.search(r'global:(.*?)local:', script, re.S).group(1)
    return [each.strip() for each in names.split(';') if each.strip()]


def check_exports():
    return (compare('user/lib/libgprobe.map', exported(), sorted(exported())) +
            compare('user/lib/libgprobe.map', sorted(exported()),
                    sorted(declared())))


def check_info():
    """Each attribute of an answer has a member."""
    source = re.sub(r'#define.*(?:\\\n.*)*', '', read('user/lib/info.c'))
    fields = re.findall(r'\b(STATS|DOMAIN|VIEW|SITE|CLAIM|WATCH|UPCALL|TRAP|SESSION)\((\w+),', source)
    found = [f'GPROBE_A_{kind}_{name}' for kind, name in fields]
    found += re.findall(r'\.attribute = (GPROBE_A_\w+)', source)
    expected = [spec.attribute_name('stats', each['name'])
                for each in spec.attribute_sets()['stats']['attributes']
                if each['type'] != 'pad']
    for name in spec.attribute_sets():
        expected += spec.replied(name)
    return compare('user/lib/info.c', sorted(found), sorted(expected))


def check_trap_names():
    """Of each kind of traps, as the spec calls it."""
    found = re.findall(r'^\t\[GPROBE_TRAP_KIND_\w+\] = "(\w+)",$',
                       read('user/lib/trap.c'), re.M)
    return compare('user/lib/trap.c', found,
                   [entry['name'] for entry
                    in spec.definitions()['trap-kind']['entries']])


CHECKS = [
    ('the library exports what its headers declare', check_exports),
    ('the library reads all attributes of an answer', check_info),
    ('the library names kinds of traps as the spec', check_trap_names),
]
