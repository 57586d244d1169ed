# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# TAP for shell scripts, here and in the lab's dom0. `plan N` first or done_testing last; the script's
# exit status is 1 when a check failed or their number is not the plan's.

tap_count=0
tap_failed=0
tap_planned=
trap 'tap_exit $?' EXIT

plan()
{
	tap_planned=$1
	echo "1..$1"
}

# The script's last word when it gave no plan.
done_testing()
{
	[ -n "$tap_planned" ] || plan "$tap_count"
}

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

tap_pass()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $*"
}

not_ok()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $*"
	return 1
}

# ok NAME COMMAND...: does COMMAND succeed? Without one: the previous status.
ok()
{
	tap_status=$?
	tap_name=$1
	shift
	if [ $# -gt 0 ]; then
		tap_status=0
		"$@" || tap_status=$?
	fi
	if [ "$tap_status" = 0 ]; then
		tap_pass "$tap_name"
	else
		not_ok "$tap_name"
		diag "status $tap_status${*:+ of: $*}"
		return 1
	fi
}

# is GOT WANTED NAME
is()
{
	if [ "$1" = "$2" ]; then
		tap_pass "$3"
	else
		not_ok "$3"
		diag "got:    $1"
		diag "wanted: $2"
		return 1
	fi
}

# logged LOG COMMAND...: what it says is in the file LOG, and shown only when it fails:
# its failed checks, and how it ended.
logged()
{
	tap_log=$1
	shift
	"$@" > "$tap_log" 2>&1 < /dev/null ||
		{ diag "$(grep '^not ok' "$tap_log"; tail -n 40 "$tap_log")"; return 1; }
}

# skip NAME NEED: the check NAME cannot run because NEED is not met.
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

bail_out()
{
	echo "Bail out! $*"
	exit 1
}

tap_exit()
{
	trap - EXIT
	if [ "$tap_planned" != "$tap_count" ]; then
		[ -n "$tap_planned" ] || [ "$tap_count" = 0 ] || diag "ended before done_testing"
		[ "$tap_count" = 0 ] || [ "$1" != 0 ] || set -- 1
		[ -z "$tap_planned" ] || diag "planned $tap_planned, ran $tap_count"
		[ -z "$tap_planned" ] || [ "$1" != 0 ] || set -- 1
	fi
	[ "$tap_failed" = 0 ] || [ "$1" != 0 ] || set -- 1
	exit "$1"
}
