# SPDX-License-Identifier: GPL-2.0
"""No suite of tests is forgotten where they are run from."""

import re

from .tap import TOP, compare, read


def folders():
    return [f'tests/{name}' for name in
            re.search(r'^UNIT_TESTS := (.+)$', read('Makefile'), re.M).group(1).split()]


def check_suites(folder):
    defined = [name for path in (TOP / folder).glob('*.c')
               for name in re.findall(r'^Suite \*(\w+_suite)\(void\)$', read(path), re.M)]
    run = re.findall(r'^\t(\w+_suite),$', read(f'{folder}/main.c'), re.M)
    return compare(f'{folder}/main.c', sorted(run), sorted(defined))


CHECKS = [
    (f'all suites of {folder} are run', lambda folder=folder: check_suites(folder))
    for folder in folders()
]
