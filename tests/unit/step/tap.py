# SPDX-License-Identifier: GPL-2.0
"""What all checks share."""

import os
import pathlib
import shlex
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[3]
CC = shlex.split(os.environ.get('CC', 'cc'))
INCLUDES = [f'-I{TOP}/include', f'-I{TOP}/include/uapi']


class Skip(Exception):
    """A check cannot be made: the need that is not met."""


def read(path):
    return (TOP / path).read_text()


def compare(what, found, expected):
    """Complaints about two lists that should be equal."""
    if found == expected:
        return []
    missing = [item for item in expected if item not in found]
    extra = [item for item in found if item not in expected]
    if missing or extra:
        return ([f'{what}: {item} is missing' for item in missing] +
                [f'{what}: {item} is too much' for item in extra])
    return [f'{what}: another order: {found}, not {expected}']


def cc(*arguments):
    """Run the compiler: its status, and what it said."""
    done = subprocess.run([*CC, *INCLUDES, *map(str, arguments)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    return done.returncode, done.stdout
