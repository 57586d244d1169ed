# SPDX-License-Identifier: GPL-2.0
# Where things live, the kernel's version, the emulator's command: for the lab's scripts
# and those of other tests that boot something. Sourced by bash, after LAB is set to this
# folder.
# shellcheck shell=bash

REPO=$(cd "$LAB/../.." && pwd)
CACHE=${GPROBE_CACHE:-/var/cache/gprobe}
# Whose Xen and Linux: another Debian release than this machine's, if set.
RELEASE=${LAB_RELEASE:-}
# shellcheck disable=SC2034	# used by those who source this file
BUILD=${BUILD:-$REPO/build${RELEASE:+/$RELEASE}}

# A recipe's number goes up when what setup makes changes shape.
EMULATOR_RECIPE=1

say()
{
	printf 'lab: %s\n' "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

# step WHAT COMMAND...: one line when it starts, completed by its duration.
step()
{
	local what=$1 start=$SECONDS
	shift

	printf 'lab: %s ... ' "$what" >&2
	if ! "$@"; then
		printf 'failed\n' >&2
		exit 1
	fi
	printf '%d s\n' $((SECONDS - start)) >&2
}

# The newest kernel whose headers are installed is the one the module is built
# against, so it is dom0's and the Linux guest's too.
kernel_version()
{
	local newest

	if [ -n "${KVER:-}" ]; then
		printf '%s\n' "$KVER"
		return
	fi
	newest=$(cd /usr/src && printf '%s\n' linux-headers-*-amd64 | sort -V | tail -n 1)
	newest=${newest#linux-headers-}
	[ "$newest" != '*-amd64' ] || die "no linux-headers-*-amd64 installed, and KVER not set"
	printf '%s\n' "$newest"
}

# Bochs before 2.8 has no monitor trap flag, which single-stepping needs.
system_bochs()
{
	local version

	command -v bochs-bin >/dev/null || return 1
	version=$(bochs-bin --help 2>&1 | sed -n 's/.*Bochs x86 Emulator \([0-9.]*\).*/\1/p' | head -n 1)
	[ -n "$version" ] && [ "$(printf '%s\n' 2.8 "$version" | sort -V | head -n 1)" = 2.8 ]
}

# shellcheck disable=SC2034
# Sets BOCHS (an array: the command) and BOCHS_SHARE (its BIOS images).
find_bochs()
{
	local root=$CACHE/bochs-$EMULATOR_RECIPE libs

	if system_bochs; then
		BOCHS=(bochs-bin)
		BOCHS_SHARE=/usr/share/bochs
		return 0
	fi
	[ -d "$root" ] || return 1
	# Its own loader and libraries: they are newer than this machine's.
	libs=$root/usr/lib/x86_64-linux-gnu
	BOCHS=(env "LTDL_LIBRARY_PATH=$libs/bochs/plugins"
	       "$libs/ld-linux-x86-64.so.2" --library-path "$libs"
	       "$root/usr/bin/bochs-bin")
	BOCHS_SHARE=$root/usr/share/bochs
}

# Passes stdin on, each line in one piece: for what runs side by side.
whole_lines()
{
	local line

	while IFS= read -r line; do
		printf '%s\n' "$line"
	done
}
