# SPDX-License-Identifier: GPL-2.0
# Tests are compiled as their subject is for its users, or with SANITIZE=1 under
# ASan and UBSan, or with COVERAGE=1 so that it is counted what they run. Sets
# INSTRUMENT, the compiler's options for that, and VARIANT, what tells the folder
# of such a build from others.
comma := ,
SANITIZED := $(filter 1,$(SANITIZE))
COVERED := $(filter 1,$(COVERAGE))

VARIANT := $(if $(SANITIZED),-sanitize)$(if $(COVERED),-coverage)
INSTRUMENT := $(if $(SANITIZED),-O1 -fsanitize=address$(comma)undefined \
	-fno-sanitize-recover=all) \
	$(if $(COVERED),-O0 --coverage -fprofile-abs-path)
