# SPDX-License-Identifier: GPL-2.0
# `make install` and `make uninstall`: both go by these lists.

# $(call below,FOLDER,FILES): where the files are, installed in a folder
below = $(addprefix $(1)/,$(notdir $(2)))

GPROBE_HEADERS := $(wildcard include/gprobe/*.h)
UAPI_HEADER := include/uapi/linux/gprobe.h
EXAMPLES := $(wildcard examples/*.c)
DOCS := README.md Documentation/architecture.md Documentation/netlink/specs/gprobe.yaml
MAN_SECTIONS := 3 7 8
man_pages = $(wildcard Documentation/man/*.$(1))

LIBRARY := libgprobe.so.$(VERSION)
LIBRARY_LINKS := libgprobe.so.0 libgprobe.so
LIBRARY_FILES := libgprobe.a $(LIBRARY) $(LIBRARY_LINKS)

UNIT := gprobe-metrics@.service

DKMS_FILES := dkms.conf Kbuild $(UAPI_HEADER) $(wildcard kmod/*.[ch])

INSTALLED := \
	$(call below,$(LIBDIR),$(LIBRARY_FILES)) \
	$(PKGCONFIGDIR)/libgprobe.pc \
	$(call below,$(INCLUDEDIR)/gprobe,$(GPROBE_HEADERS)) \
	$(INCLUDEDIR)/linux/gprobe.h \
	$(SBINDIR)/gprobe \
	$(foreach section,$(MAN_SECTIONS),$(call \
		below,$(MANDIR)/man$(section),$(call man_pages,$(section)))) \
	$(COMPLETIONDIR)/gprobe \
	$(UNITDIR)/$(UNIT) \
	$(call below,$(DOCDIR),$(DOCS)) \
	$(call below,$(DOCDIR)/examples,$(EXAMPLES)) \
	$(addprefix $(DKMSDIR)/,$(DKMS_FILES))

# Ours alone, the innermost first.
OWN_FOLDERS := $(INCLUDEDIR)/gprobe $(DOCDIR)/examples $(DOCDIR) \
	$(DKMSDIR)/kmod $(DKMSDIR)/include/uapi/linux \
	$(DKMSDIR)/include/uapi $(DKMSDIR)/include $(DKMSDIR)

# $(call put,MODE,FILES,FOLDER)
put = install -D -m $(1) -t "$(DESTDIR)$(3)" $(2)

.PHONY: install uninstall
install: user
	$(call put,0644,$(BUILD)/user/libgprobe.a,$(LIBDIR))
	$(call put,0644,$(BUILD)/user/$(LIBRARY),$(LIBDIR))
	for link in $(LIBRARY_LINKS); do \
	ln -sf $(LIBRARY) "$(DESTDIR)$(LIBDIR)/$$link" || exit; done
	$(call put,0644,$(BUILD)/user/libgprobe.pc,$(PKGCONFIGDIR))
	$(call put,0644,$(GPROBE_HEADERS),$(INCLUDEDIR)/gprobe)
	$(call put,0644,$(UAPI_HEADER),$(INCLUDEDIR)/linux)
	$(call put,0755,$(BUILD)/user/gprobe,$(SBINDIR))
	for section in $(MAN_SECTIONS); do \
	$(call put,0644,Documentation/man/*.$$section,$(MANDIR)/man$$section) || \
	exit; done
	install -D -m 0644 user/tool/gprobe.bash "$(DESTDIR)$(COMPLETIONDIR)/gprobe"
	$(call put,0644,$(BUILD)/user/$(UNIT),$(UNITDIR))
	$(call put,0644,$(DOCS),$(DOCDIR))
	$(call put,0644,$(EXAMPLES),$(DOCDIR)/examples)
	for file in $(DKMS_FILES); do \
	install -D -m 0644 $$file "$(DESTDIR)$(DKMSDIR)/$$file" || exit; done
	[ -n "$(DESTDIR)" ] || ldconfig

uninstall:
	for file in $(INSTALLED); do rm -f "$(DESTDIR)$$file" || exit; done
	for folder in $(OWN_FOLDERS); do \
	[ ! -d "$(DESTDIR)$$folder" ] || rmdir "$(DESTDIR)$$folder" || exit; done
	[ -n "$(DESTDIR)" ] || ldconfig
