# SPDX-License-Identifier: GPL-2.0
# `make help` lists what can be asked for.

# Everything that is built lands here; nothing else in the tree is written.
BUILD := $(CURDIR)/build
ROOT := $(BUILD)/root

# The kernel the module is for: the newest whose headers are installed. On a
# real dom0: make KVER=$(uname -r)
KVER ?= $(patsubst linux-headers-%,%,$(lastword $(sort $(notdir \
	$(wildcard /usr/src/linux-headers-*-amd64)))))
KDIR ?= /lib/modules/$(KVER)/build

# From Debian's archive: what building needs, then what the lab needs besides.
DEPS := gcc make pkg-config libc6-dev linux-headers-amd64 libxen-dev \
	libbpf-dev libmnl-dev libzydis-dev check bpftool clang llvm

.PHONY: all deps module clean help

all: module

help:
	@echo 'make deps   install what building needs (Debian 12, root)'
	@echo 'make        the module'
	@echo 'make clean  remove build/'

# --- building ---------------------------------------------------------------

# $(call missing,PACKAGES): those that are not installed
missing = $(shell dpkg-query -W -f '$${db:Status-Status} $${Package}\n' $(1) \
	2>/dev/null | sed -n 's/^installed //p' | sort | \
	{ printf '%s\n' $(1) | sort; cat; } | sort | uniq -u)

define install_missing
	@missing='$(call missing,$(1))'; [ -z "$$missing" ] || { \
	echo "installing $$missing"; start=$$(date +%s); \
	apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	apt-get -qq install -y --no-install-recommends $$missing >/dev/null && \
	echo "installed in $$(($$(date +%s) - start)) s"; }
endef

deps:
	$(call install_missing,$(DEPS))

# Kbuild writes beside its sources, so it gets copies.
module:
	@mkdir -p $(BUILD)/module
	@cp -ru Kbuild kmod include $(BUILD)/module
	+$(MAKE) -C $(KDIR) M=$(BUILD)/module W=1 modules

clean:
	rm -rf $(BUILD)
