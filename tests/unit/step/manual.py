# SPDX-License-Identifier: GPL-2.0
"""The manual: what there is is documented, and what is documented is there."""

import functools
import re
import shutil
import subprocess

from . import tool
from .kernel import tracepoints
from .library import exported, public_headers
from .tap import Skip, TOP, compare, read

FOLDER = TOP / 'Documentation/man'
# Besides a page for each command's first word.
GENERAL = ['gprobe-events.7', 'gprobe.7', 'gprobe.8', 'libgprobe.3']
# The widest there is, so that no tag or usage is broken.
WIDTH = 1000


def pages():
    return sorted(page.name for page in FOLDER.iterdir())


def page_of(first):
    return f'gprobe-{first}.8'


@functools.lru_cache(None)
def source(page):
    path = FOLDER / page
    return path.read_text() if path.exists() else ''


def mandoc(*arguments):
    if not shutil.which('mandoc'):
        raise Skip('mandoc is not installed')
    return subprocess.run(['mandoc', *arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)


@functools.lru_cache(None)
def section(page, name):
    """The lines of a section as readers see them, indented."""
    shown = mandoc('-Tascii', f'-Owidth={WIDTH}', str(FOLDER / page)).stdout
    shown = re.sub('.\b', '', shown)
    found = re.search(rf'^{name}$(.*?)^(?=\S)', shown, re.M | re.S)
    return found.group(1).splitlines() if found else []


def check_lint():
    complaints = []
    for page in pages():
        said = mandoc('-Tlint', '-Wwarning', str(FOLDER / page))
        complaints += said.stdout.splitlines()
    return complaints


def check_pages():
    expected = GENERAL + [page_of(first) for first in tool.first_words()]
    return compare('Documentation/man', pages(), sorted(expected))


def check_references():
    return [f'{page}: there is no {name}({number})'
            for page in pages()
            for name, number in re.findall(r'^\.Xr (\S*gprobe\S*) (\d)',
                                           source(page), re.M)
            if f'{name}.{number}' not in pages()]


def check_commands():
    found = re.findall(r'^\.It Cm (.*)\n(.*):\n\.Xr (\S+) 8',
                       source('gprobe.8'), re.M)
    expected = [(words, summary, f'gprobe-{words.split()[0]}')
                for words, summary in tool.commands()]
    return compare('gprobe.8, COMMANDS (.It Cm COMMAND, its summary and page)',
                   found, expected)


def check_synopsis():
    complaints = []
    for first in tool.first_words():
        lines = [line.strip() for line in section(page_of(first), 'SYNOPSIS')]
        complaints += compare(
            f'{page_of(first)}, SYNOPSIS (the usage that --help shows)',
            list(filter(None, lines)),
            [tool.usage(words) for words, _ in tool.commands()
             if words.split()[0] == first])
    return complaints


def documented_options(words):
    """Of a page with several commands each has a subsection of OPTIONS. A short
    one has its text beside it."""
    page = page_of(words.split()[0])
    lines = section(page, 'OPTIONS')
    title = f'   gprobe {words}'
    if title in lines:
        lines = lines[lines.index(title) + 1:]
        ends = [number for number, line in enumerate(lines)
                if re.match(r'   \S', line)]
        lines = lines[:ends[0]] if ends else lines
    return [line.strip().split('  ')[0] for line in lines
            if re.match(r' {5}-', line)]


def check_options():
    complaints = []
    for words, _ in tool.commands():
        complaints += compare(
            f'{page_of(words.split()[0])}, OPTIONS of {words} (as --help)',
            documented_options(words), tool.options(words))
    return complaints


def general_options():
    """Options that need no command, each as "--driver NAME"."""
    return [word for line in section('gprobe.8', 'OPTIONS')
            if re.match(r' {5}-', line) for word in line.strip().split(', ')]


def check_general_options():
    """Those without a command are not in a table."""
    found = general_options()
    complaints = compare('gprobe.8, OPTIONS',
                         sorted(word.split()[0] for word in found),
                         sorted(set(re.findall(r'"(--?[a-z]+)"',
                                               read('user/tool/main.c')))))
    return complaints + [f'gprobe {option}: it fails' for option in found
                         if ' ' not in option and tool.run(option).returncode]


def terms(page):
    """What a page's lists of fields, keys and parameters explain."""
    return re.findall(r'^\.It Va (\w+)', source(page), re.M)


def referred(page):
    """Pages that say what a command's output is, in place of its own."""
    output = re.search(r'^\.Sh OUTPUT\n(.*?)^\.Sh', source(page), re.M | re.S)
    return [f'{name}.8' for name in re.findall(
        r'^See\n\.Xr (gprobe-\w+) 8', output.group(1) if output else '', re.M)]


def check_keys():
    """A command's own sources name all keys of its JSON in two ways."""
    complaints = []
    for first in tool.first_words():
        text = '\n'.join(tool.sources(first).values())
        keys = re.findall(r'json_(?:put|open)_\w+\(\s*&?\w+,\s*"(\w+)"', text)
        keys += re.findall(r'\{ (?:NULL|"[^"]*"), "(\w+)", (?:true|false) \}',
                           text)
        page = page_of(first)
        found = sum((terms(each) for each in [page, *referred(page)]), [])
        complaints += [f'{page}: JSON key {key} is missing (.It Va {key})'
                       for key in sorted(set(keys) - set(found))]
        complaints += [f'{page}: JSON key {key} is too much'
                       for key in terms(page) if f'"{key}"' not in text]
    return complaints


def check_tracepoints():
    """Fields in the order of the arguments, with their types."""
    page = source('gprobe-events.7')
    found = {}
    for name, body in re.findall(r'^\.Ss (gprobe_\w+)\n(.*?)(?=^\.S[hs])',
                                 page, re.M | re.S):
        found[name] = re.findall(r'^\.It Va (\w+) Pq (.+)$', body, re.M)
    complaints = compare('gprobe-events.7 (.Ss EVENT)', sorted(found),
                         sorted(tracepoints()))
    for name in set(found) & set(tracepoints()):
        types = {field: kind for kind, field in re.findall(
            r'__field(?:_struct)?\(([^,]+), (\w+)\)', entry_of(name))}
        complaints += compare(
            f'gprobe-events.7, fields of {name} (.It Va FIELD Pq TYPE)',
            found[name], [(field, types.get(field, 'not in TP_STRUCT__entry'))
                          for field in tracepoints()[name][0]])
    return complaints


def entry_of(tracepoint):
    return re.search(rf'TRACE_EVENT\({tracepoint},.*?TP_STRUCT__entry\((.*?)'
                     r'^\t\),', read('kmod/trace.h'), re.M | re.S).group(1)


def parameters():
    """{name: default} of the module as users build it."""
    result = {}
    for name in re.findall(r'^gprobe-y \+?:?= (\S+)\.o$', read('Kbuild'),
                           re.M):
        text = read(f'{name}.c')
        for each in re.findall(r'^module_param(?:_cb)?\((\w+)', text, re.M):
            result[each] = re.search(rf'\b{each} = (-?\w+);', text).group(1)
    return result


def check_parameters():
    found = re.findall(r'^\.It Va (\w+)\n(?:(?!\.It).*\n)*?Default: (\\?-?\w+)\.$',
                       source('gprobe.7'), re.M)
    # A minus is escaped in roff.
    found = [(name, value.lstrip('\\')) for name, value in found]
    return compare('gprobe.7, MODULE PARAMETERS (.It Va NAME, "Default: N.")',
                   sorted(found), sorted(parameters().items()))


def check_headers():
    page = source('libgprobe.3')
    found = re.findall(r'^\.It In (\S+)$', page, re.M)
    expected = [f'gprobe/{header.name}' for header in public_headers()]
    return compare('libgprobe.3, HEADERS (.It In HEADER)', sorted(found),
                   sorted(expected + ['linux/gprobe.h']))


def check_functions():
    return [f'{page}: there is no function {name}' for page in pages()
            for name in re.findall(r'^\.Fn (\w+)', source(page), re.M)
            if name not in exported()]


def check_transcripts():
    """Displays behind a comment README are the README's own."""
    readme = re.sub('^    ', '', read('README.md'), flags=re.M)
    complaints = []
    for page in pages():
        for text in re.findall(r'^\.\\" README\n\.Bd[^\n]*\n(.*?)^\.Ed',
                               source(page), re.M | re.S):
            if text.replace('\\e', '\\') not in readme:
                complaints.append(f'{page}: README.md does not print:\n{text}')
    return complaints


CHECKS = [
    ('the manual is well-formed', check_lint),
    ('each command has a page, and no other has one', check_pages),
    ('pages refer to pages that are there', check_references),
    ('gprobe(8) lists the commands', check_commands),
    ('pages have the usage that --help shows', check_synopsis),
    ('pages have the options that --help shows', check_options),
    ('gprobe(8) has the options that need no command', check_general_options),
    ('pages have the keys of the JSON', check_keys),
    ('the manual has all tracepoints and their fields', check_tracepoints),
    ('the manual has all parameters of the module', check_parameters),
    ('the manual has all public headers', check_headers),
    ('functions that the manual names are exported', check_functions),
    ('transcripts are those of the README', check_transcripts),
]
