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


def check_debian():
    found = re.match(r'gprobe \((\S+)\)', read('debian/changelog'))
    return compare('debian/changelog, newest entry',
                   [found and found.group(1)], [version()])


CHECKS = [
    ('the version for DKMS is the one of layout.mk', check_dkms),
    ('the version of the packages is the one of layout.mk', check_debian),
]
