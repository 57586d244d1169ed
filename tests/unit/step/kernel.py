# SPDX-License-Identifier: GPL-2.0
"""The module's side: policies, operations, answers, tracepoints, Xen."""

import functools
import pathlib
import re
import subprocess
import tempfile

from . import spec
from .protocol import without_comments
from .tap import cc, compare, read

HERE = pathlib.Path(__file__).resolve().parent

# The parts of kmod/netlink.c that policies.c prints.
PARTS = '|'.join([
    r'#define DOMID_MAX .*?$',
    r'#define \w+_OP .*?$',
    r'static struct netlink_range_validation \w+ = \{.*?^\};$',
    r'static const struct nla_policy \w+\[.*?^\};$',
    r'static const struct genl_ops ops\[\] = \{.*?^\};$',
])


def extract():
    """Text for policies.c."""
    source = read('kmod/netlink.c')
    parts = re.findall(f'^(?:{PARTS})', source, re.M | re.S)
    text = '\n'.join(parts)
    names = re.findall(r'struct nla_policy (\w+)\[', text)
    # Handlers are only there or not: their names are strings.
    handlers = re.findall(r'\.(?:doit|start|dumpit) = (\w+)', text)
    return '\n'.join(
        [f'#define {name} "{name}"' for name in handlers] + parts +
        ['#define POLICIES ' + ' '.join(f'POLICY({name})'
                                        for name in names), ''])


@functools.lru_cache(None)
def facts():
    """What policies.c prints, in words, without the first."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / 'extracted.h').write_text(extract())
        status, said = cc('-Wall', '-Werror', f'-I{folder}', '-o',
                          f'{folder}/policies', HERE / 'policies.c')
        if status:
            raise RuntimeError(said)
        lines = subprocess.check_output([f'{folder}/policies'], text=True)
    result = {'policy': [], 'op': []}
    for line in lines.splitlines():
        kind, *words = line.split()
        result[kind].append(tuple(words))
    return result


def in_words(number, attribute):
    """An attribute of the spec as policies.c prints one."""
    checks = attribute.get('checks', {})
    low, high = checks.get('min', 0), checks.get('max', 0)
    if 'enum' in attribute:
        low = 1
        high = len(spec.definitions()[attribute['enum']]['entries'])
    longest = checks.get('max-len', 0)
    # The range of a binary attribute is its length's.
    if attribute['type'] == 'binary':
        exact = checks.get('exact-len', 0)
        low, high, longest = checks.get('min-len', exact), longest or exact, 0
    return (str(number), attribute['type'], str(low), str(high),
            str(longest))


def check_policies():
    complaints = []
    for name, each in spec.attribute_sets().items():
        numbers = {attribute['name']: number for number, attribute
                   in enumerate(each['attributes'], 1)}
        expected = [in_words(numbers[attribute['name']], attribute)
                    for attribute in spec.accepted(name)]
        found = [words[1:] for words in facts()['policy']
                 if words[0] == f'{name}_policy']
        complaints += compare(
            f'{name}_policy (number, type, lowest, highest, longest)',
            found, expected)
    return complaints


def check_operations():
    expected = []
    for number, operation in enumerate(spec.operations(), 1):
        if 'notify' in operation or 'event' in operation:
            continue
        attributes = operation['attribute-set']
        highest = len(spec.attribute_sets()[attributes]['attributes'])
        dump = str(int('dump' in operation))
        expected.append((str(number), f'{attributes}_policy', str(highest),
                         str(int('do' in operation)), dump, dump))
    return compare('ops (number, policy, maxattr, doit, start, dumpit)',
                   facts()['op'], expected)


def check_answers():
    filled = set(re.findall(r'\bGPROBE_A_\w+(?<!_PAD)\b',
                            read('kmod/netlink_fill.c')))
    expected = {spec.attribute_name('stats', each['name'])
                for each in spec.attribute_sets()['stats']['attributes']
                if each['type'] != 'pad'}
    for name in spec.attribute_sets():
        expected.update(spec.replied(name))
    return compare('kmod/netlink_fill.c', sorted(filled), sorted(expected))


def tracepoints():
    """{name: (names in TP_PROTO, names in TP_ARGS)}"""
    found = re.findall(r'TRACE_EVENT\((\w+),\s*TP_PROTO\((.*?)\),\s*'
                       r'TP_ARGS\((.*?)\),', read('kmod/trace.h'), re.S)
    return {name: ([each.split()[-1].lstrip('*')
                    for each in prototype.split(',')],
                   [each.strip() for each in arguments.split(',')])
            for name, prototype, arguments in found}


def check_tracepoints():
    complaints = [] if tracepoints() else ['no tracepoint found']
    for name, (prototype, arguments) in tracepoints().items():
        complaints += compare(f'TP_ARGS of {name}', arguments, prototype)
    return complaints


def check_bpf_program(path, prefix, tracepoint):
    prototype = tracepoints()[tracepoint][0]
    source = without_comments(read(path))
    indexes = re.findall(rf'\b{prefix}_(\w+) = (\d+)', source)
    if not indexes or f'SEC("raw_tp/{tracepoint}")' not in source:
        return [f'{path}: no {prefix}_* or no program for {tracepoint} found']
    return compare(path, indexes,
                   [(name, str(prototype.index(name.lower()))
                     if name.lower() in prototype else 'no argument')
                    for name, _ in indexes])


def check_bpf():
    return (check_bpf_program('bpf/stat.bpf.c', 'HIT', 'gprobe_hit') +
            check_bpf_program('bpf/record.bpf.c', 'RECORD', 'gprobe_record'))


def check_xen():
    """The unit test xen_abi looks at all that the header has."""
    header = without_comments(read('kmod/xen_abi.h'))
    test = read('tests/unit/xen_abi.c')
    constants = re.findall(r'^#define GPROBE_(?:XEN_)?(\w+)[ \t]+\S', header,
                           re.M)
    structs = re.findall(r'^struct gprobe_xen_(\w+) \{', header, re.M)
    if not constants or not structs:
        return ['kmod/xen_abi.h: no constants or no structs found']
    return [f'tests/unit/xen_abi.c does not check {name}'
            for name in constants + structs
            if not re.search(rf'(?:\b|_){name}\b', test)]


CHECKS = [
    ('policies of the module accept what the spec says', check_policies),
    ('operations of the module are those of the spec', check_operations),
    ('answers of the module have the attributes of the spec', check_answers),
    ('arguments of each tracepoint are passed in order', check_tracepoints),
    ('BPF programs take the arguments of their tracepoints', check_bpf),
    ('every constant and struct of Xen is checked', check_xen),
]
