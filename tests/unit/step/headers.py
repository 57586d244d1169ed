# SPDX-License-Identifier: GPL-2.0
"""Public headers compile alone, one check each."""

from .library import public_headers
from .tap import TOP, cc

FLAGS = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x',
         'c']

# It says that the includer provides __u64.
NEEDS = {'histogram.h': ['-include', 'linux/types.h']}


def compile_alone(header):
    status, said = cc(*FLAGS, *NEEDS.get(header.name, []), header)
    return [said] if status else []


CHECKS = [
    (f'{header.relative_to(TOP / "include")} compiles alone',
     lambda header=header: compile_alone(header))
    for header in [*public_headers(), TOP / 'include/uapi/linux/gprobe.h']
]
