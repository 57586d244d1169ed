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

# From Debian's archive: what building needs.
DEPS := gcc make pkg-config libc6-dev linux-headers-amd64 libxen-dev \
	libbpf-dev libelf-dev liblzma-dev libmnl-dev libncurses-dev libzydis-dev check \
	bpftool clang llvm
# What "make bench" measures beside.
BENCH_DEPS := uthash-dev liburcu-dev
# What the tests need besides: the unit tests, the packages, text and static checks,
# those in qemu, the lab.
UNIT_DEPS := python3 python3-yaml mandoc libasan8 libubsan1
PACKAGE_DEPS := build-essential debhelper dh-dkms lintian debootstrap
TEST_DEPS := $(UNIT_DEPS) $(PACKAGE_DEPS) codespell shellcheck sparse cppcheck \
	clang-tidy coccinelle libpython3-dev git procps python3-prometheus-client \
	python3-jsonschema libclang-rt-14-dev valgrind cpio xz-utils zstd \
	socat bash-completion qemu-system-x86 busybox-static tmux trace-cmd systemd \
	$(BENCH_DEPS)

.PHONY: all print-deps print-kdir deps test-deps module module-faults module-fake user bpf \
	guest agent netlink lab-root qemu-tests benchmarks unit-programs unit-tests check \
	check-unit check-in-step check-valgrind check-coverage check-static check-verifier \
	check-qemu check-debug-kernel check-chroot check-seeds check-lab check-matrix \
	check-packages fuzz demo lab bench bench-lab clean help

all: module user

include layout.mk install.mk

help:
	@echo 'make deps       install what building needs (Debian 12, root)'
	@echo 'make            the module, libgprobe, the gprobe command, its BPF'
	@echo 'make module     only the module (KVER=...: for that kernel)'
	@echo 'make install    into PREFIX (/usr/local), below DESTDIR; make uninstall'
	@echo 'make demo       a Linux guest on a real Xen, probed, in an emulator'
	@echo 'make lab        a shell in that dom0, module loaded, guest running'
	@echo 'make lab-root   what that dom0 gets, for tests/lab/check and tests/lab/run'
	@echo 'make check      all tests (STAGES=...: only these of its last table)'
	@echo 'make check-unit only the unit tests (SANITIZE=1: under ASan, UBSan)'
	@echo 'make check-valgrind  the same under valgrind'
	@echo 'make check-in-step  is what is written down twice the same in both places?'
	@echo 'make check-coverage  how much of the sources they run, not below a floor'
	@echo 'make check-static    what compilers and checkers say of the sources'
	@echo 'make check-verifier  BPF programs on kernels of Debian, in qemu'
	@echo 'make check-qemu only those of the module without Xen, in qemu'
	@echo 'make check-debug-kernel  the same, on a kernel that looks for mistakes'
	@echo 'make check-lab  only those in the lab (TESTS=...: only these)'
	@echo 'make check-matrix  those in the lab, on each pair of Xen and Linux that'
	@echo '                it knows (TESTS=...: only these)'
	@echo 'make check-packages  build, install and purge the Debian packages (root)'
	@echo 'make check-chroot    TARGETS (demo and check unless set), each in a new Debian, and'
	@echo '                what they fetch (root)'
	@echo 'make check-seeds     does each stage of check find a fault? (STAGES=...)'
	@echo 'make fuzz       the fuzzers, each for FUZZ_SECONDS (5 unless set)'
	@echo 'make bench      ns an operation of the tables, beside uthash and liburcu;'
	@echo '                and of recording a million hits'
	@echo 'make bench-lab  instructions a hit, beside a libxenctrl agent'
	@echo 'make clean      remove build/; the lab keeps its cache'
	@echo
	@echo 'make test-deps  install what all of these need; demo, lab, check, each check-...,'
	@echo '                bench and bench-lab install what they need by themselves'

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

test-deps:
	$(call install_missing,$(DEPS) $(TEST_DEPS))

# For scripts that build elsewhere.
print-deps:
	@echo $(DEPS)

# For scripts that build the module in a folder of theirs.
print-kdir:
	@echo $(KDIR)

# Kbuild writes beside its sources, so it gets copies.
module:
	@mkdir -p $(BUILD)/module
	@cp -ru Kbuild kmod include $(BUILD)/module
	+$(MAKE) -C $(KDIR) M=$(BUILD)/module W=1 modules

bpf:
	+$(MAKE) -C bpf BUILD=$(BUILD)

# BPF= for skeletons that are there already, built elsewhere.
BPF := bpf
user: $(BPF)
	+$(MAKE) -C user BUILD=$(BUILD) PREFIX=$(PREFIX) LIBDIR=$(LIBDIR)

guest:
	+$(MAKE) -C tests/guest BUILD=$(BUILD)

# The module with a switch that makes its n-th hypercall fail.
module-faults:
	@mkdir -p $(BUILD)/module-faults
	@cp -ru Kbuild kmod include $(BUILD)/module-faults
	+$(MAKE) -C $(KDIR) M=$(BUILD)/module-faults W=1 GPROBE_FAULTS=y modules

# The module for tests without Xen, which can be told to fail as well.
MODULE_FAKE := $(BUILD)/module-fake
module-fake:
	@mkdir -p $(MODULE_FAKE)
	@cp -ru Kbuild kmod include $(MODULE_FAKE)
	+$(MAKE) -C $(KDIR) M=$(MODULE_FAKE) W=1 GPROBE_FAKE=y \
		GPROBE_FAULTS=y modules

netlink: user
	+$(MAKE) -C tests/netlink BUILD=$(BUILD)

agent:
	+$(MAKE) -C tests/bench BUILD=$(BUILD)

# --- testing ----------------------------------------------------------------

# What is laid over dom0's root in the lab.
lab-root: module module-faults user guest agent netlink
	@tests/lab/make-root $(ROOT) $(BUILD)

# What the tests in qemu run.
qemu-tests: module-fake user
	+$(MAKE) -C tests/fake BUILD=$(BUILD)
	+$(MAKE) -C tests/verifier BUILD=$(BUILD)

# What "make bench" runs.
benchmarks: user
	+$(MAKE) -C tests/bench/tables BUILD=$(BUILD)
	+$(MAKE) -C tests/bench/record BUILD=$(BUILD)

# As many as there are processors, if nobody has said how many.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j $(shell nproc))

# The steps of a target in order, each with its time.
define steps
	@for step in $(1); do \
	printf '%s ...\n' "$$step"; start=$$(date +%s); \
	$(MAKE) $(JOBS) --no-print-directory -s $$step || exit; \
	printf '%s: %d s\n' "$$step" $$(($$(date +%s) - start)); done
endef

check:
	$(call steps,test-deps)
	@tests/check $(if $(STAGES),$(sort build $(STAGES)))

check-unit:
	$(call install_missing,$(DEPS) $(UNIT_DEPS))
	+@$(MAKE) --no-print-directory -s unit-tests

# Where nothing may be installed.
UNIT_TESTS := unit tables tables-ptm
unit-tests:
	+@status=0; for tests in $(UNIT_TESTS); do \
	$(MAKE) --no-print-directory -C tests/$$tests BUILD=$(BUILD) check || \
	status=$$?; done; exit $$status

# What "make unit-tests" runs.
unit-programs: $(BPF)
	+@for tests in $(UNIT_TESTS); do \
	$(MAKE) -C tests/$$tests BUILD=$(BUILD) all || exit; done

check-in-step:
	$(call install_missing,$(DEPS) $(UNIT_DEPS))
	+@$(MAKE) --no-print-directory -s -C tests/unit BUILD=$(BUILD) in-step

fuzz:
	+@$(MAKE) --no-print-directory -C tests/fuzz BUILD=$(BUILD) check

check-valgrind:
	$(call install_missing,$(DEPS) valgrind)
	+@$(MAKE) --no-print-directory -C tests/unit BUILD=$(BUILD) valgrind

check-coverage:
	$(call steps,test-deps user)
	@tests/coverage/check $(BUILD)

check-static:
	$(call steps,test-deps user)
	@tests/static/check $(BUILD)

check-verifier:
	$(call steps,test-deps qemu-tests)
	@tests/verifier/check

check-qemu:
	$(call steps,test-deps qemu-tests)
	@tests/qemu/check

# What the debug kernel is built with.
KERNEL_DEPS := flex bison bc

check-debug-kernel:
	$(call install_missing,$(DEPS) $(TEST_DEPS) $(KERNEL_DEPS))
	$(call steps,qemu-tests)
	@tests/qemu/check-debug-kernel

check-packages:
	$(call install_missing,$(DEPS) $(PACKAGE_DEPS))
	@mkdir -p $(BUILD)
	@tests/packages/check $(BUILD)

# Debian's smallest system is made with.
CHROOT_DEPS := debootstrap

check-chroot:
	$(call install_missing,$(CHROOT_DEPS))
	@mkdir -p $(BUILD)
	@tests/chroot/check $(BUILD) $(TARGETS)

# Of what is committed.
check-seeds:
	$(call steps,test-deps)
	@mkdir -p $(BUILD)
	@tests/seeds/check $(BUILD) $(STAGES)

check-lab:
	$(call steps,test-deps lab-root)
	@tests/lab/check $(TESTS)

check-matrix:
	$(call steps,test-deps lab-root)
	@tests/lab/check-matrix $(TESTS)

demo:
	$(call steps,test-deps lab-root)
	@tests/lab/demo

lab:
	$(call steps,test-deps lab-root)
	@tests/lab/shell

bench:
	$(call install_missing,$(DEPS) $(BENCH_DEPS))
	+@$(MAKE) --no-print-directory -s benchmarks
	+@tests/bench/here $(BUILD)

bench-lab:
	$(call steps,test-deps lab-root)
	@tests/bench/run

clean:
	rm -rf $(BUILD)
