# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by check and top.

# await TRIES COMMAND...: until it succeeds, ten times a second; false when it has not.
await()
{
	tries=$1
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return
		sleep 0.1
	done
}
