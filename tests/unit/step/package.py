# SPDX-License-Identifier: GPL-2.0
"""The version, wherever it has to be written down."""

import re

from .tap import compare, read


def version():
    return re.search(r'^VERSION := (\S+)$', read('layout.mk'), re.M).group(1)


def check_dkms():
    found = re.findall(r'^PACKAGE_VERSION="(.*)"$', read('dkms.conf'), re.M)
    named = re.findall(r'\bgprobe/(\d[\w.]*)', read('README.md'))
    return (compare('dkms.conf, PACKAGE_VERSION', found, [version()]) +
            compare('README.md, gprobe/VERSION', named, [version()]))


CHECKS = [
    ('the version for DKMS is the one of layout.mk', check_dkms),
]
