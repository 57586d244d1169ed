# SPDX-License-Identifier: GPL-2.0
"""The command: its tables, as its help prints them, and its sources."""

import functools
import os
import re
import subprocess

from .tap import TOP, compare

GPROBE = os.environ.get('GPROBE', TOP / 'build/user/gprobe')


def run(*arguments):
    return subprocess.run([GPROBE, *arguments], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


@functools.lru_cache(None)
def help_of(words):
    done = run('help', *words.split())
    if done.returncode:
        raise RuntimeError(done.stdout)
    return done.stdout


def commands():
    """[(words, summary), ...]"""
    return re.findall(r'^  (\S+(?: \S+)?) {2,}(.*)$', help_of(''), re.M)


def first_words():
    """Each once, in order."""
    return list(dict.fromkeys(words.split()[0] for words, _ in commands()))


def usage(words):
    return re.match('Usage: (.*)', help_of(words)).group(1)


def options(words):
    """Each as "-d, --domain DOMAIN"."""
    return re.findall(r'^  (?:    )?((?:-\w, )?--\S+(?: \S+)?)  ',
                      help_of(words), re.M)


def sources(first):
    """{path: text} of a command: named after its first word, and what all that
    probe share."""
    tool = TOP / 'user/tool'
    texts = {path: path.read_text() for path in sorted(tool.glob('*.c'))
             if re.match(rf'{first}(_|\.c$)', path.name)}
    own = '\n'.join(texts.values())
    for header in sorted(tool.glob('*.h')):
        for name, body in re.findall(r'^#define (\w+_OPTIONS?(?:_\w+)?)\s*\\\n'
                                     r'((?:.*\\\n)*.*)',
                                     header.read_text(), re.M):
            if f'\t{name},' in own:
                texts[name] = body
                for path in tool.glob(f'{header.stem}*.c'):
                    texts[path] = path.read_text()
    return texts


def check_options_read():
    """An option that is in a table only would be taken, and do nothing."""
    shared = (TOP / 'user/tool/option.c').read_text()
    complaints = []
    for first in first_words():
        text = '\n'.join(sources(first).values())
        entries = re.findall(r'^\t\{ "([\w-]+)", (\'\w\'|\w+), (?:NULL|")',
                             text, re.M)
        for name, letter in entries:
            if not re.search(rf'(case |== ){re.escape(letter)}(?!\w)',
                             text + shared):
                complaints.append(f'{first}: --{name} ({letter}) is not read')
    return complaints


def check_tables_found():
    """The help has as many options as the tables in the sources."""
    complaints = []
    for first in first_words():
        text = '\n'.join(sources(first).values())
        found = [option.split('--')[1].split()[0]
                 for words, _ in commands() if words.split()[0] == first
                 for option in options(words)]
        entries = re.findall(r'^\t\{ "([\w-]+)", (?:\'\w\'|\w+), (?:NULL|")',
                             text, re.M)
        entries += ['help'] * len(re.findall(r'^\tCOMMAND_OPTION_HELP,',
                                             text, re.M))
        complaints += compare(f'options of {first}', sorted(found),
                              sorted(entries))
    return complaints


CHECKS = [
    ('each option of the command is read', check_options_read),
    ('the help has the options of the tables', check_tables_found),
]
