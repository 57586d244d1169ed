# SPDX-License-Identifier: GPL-2.0
# The version, and where `make install` puts things; DESTDIR comes before each.
VERSION := 0.1.0

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR := $(PREFIX)/include
SBINDIR := $(PREFIX)/sbin
MANDIR := $(PREFIX)/share/man
DOCDIR := $(PREFIX)/share/doc/gprobe
COMPLETIONDIR := $(PREFIX)/share/bash-completion/completions
UNITDIR ?= $(PREFIX)/lib/systemd/system
PKGCONFIGDIR := $(LIBDIR)/pkgconfig
# DKMS looks nowhere else.
DKMSDIR := /usr/src/gprobe-$(VERSION)
