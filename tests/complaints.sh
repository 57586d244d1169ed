# SPDX-License-Identifier: GPL-2.0
# Sourced by bash.
# shellcheck shell=bash

# complaints LOG: prints the lines of Linux and of Xen that a healthy run does not have;
# false when there are none. A guest's own words come marked (dN) and are its own
# matter; parse_legacy() warns of what Linux 6.12 makes of the lab's CPU's topology as a
# PV guest, before anything of ours runs.
complaints()
{
	local patterns=(
		'Kernel panic' 'BUG:' 'kernel BUG' Oops WARNING: UBSAN KASAN
		'general protection' 'INFO: (possible|suspicious|rcu|task|trying)'
		'possible (circular|recursive)' 'inconsistent lock' 'soft lockup'
		'hung task' refcount_t 'unreferenced object'
		'Xen BUG' 'Xen WARN' 'FATAL TRAP' 'Assertion .* failed'
		'Domain 0 crashed' LAB-TROUBLE
	)

	grep -aE "$(IFS='|'; echo "${patterns[*]}")" "$1" |
		grep -avE '^\(d[0-9]+\)|RETBleed: WARNING|topology_common\.c:[0-9]+ parse_legacy\+'
}
