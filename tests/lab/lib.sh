# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For scripts that run in dom0: `. /lab/lib.sh`.

. /lab/tap.sh
. /lab/wait.sh
. /lab/guests.sh
. /lab/gprobe.sh
