# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Waiting without blind sleeps. Seconds are dom0's, 100 million instructions
# each: about two of the wall's, but next to nothing when all is idle.

# uptime_ms: milliseconds since boot.
uptime_ms()
{
	# shellcheck disable=SC2034
	IFS=' .' read -r up_s up_cs _ < /proc/uptime
	echo $((up_s * 1000 + ${up_cs#0} * 10))
}

# rest: sleeps half as long again as the last time ($rested, in us; 0 at first), from 50
# ms to half a second. To look takes time of a CPU that the guest may need.
rest()
{
	rested=$((rested * 3 / 2))
	[ "$rested" -ge 50000 ] || rested=50000
	[ "$rested" -le 500000 ] || rested=500000
	usleep $rested
}

# wait_for COMMAND SECONDS: runs COMMAND, which the shell parses, until it
# succeeds; false when the time is up.
wait_for()
{
	wait_until=$(($(uptime_ms) + $2 * 1000))
	rested=0
	until eval "$1" > /dev/null 2>&1; do
		[ "$(uptime_ms)" -lt "$wait_until" ] || return 1
		rest
	done
}

# wait_for_line FILE PATTERN SECONDS [OFFSET]: until FILE, from its byte OFFSET
# on, has a whole line that matches the extended PATTERN; prints the first.
wait_for_line()
{
	line_until=$(($(uptime_ms) + $3 * 1000))
	rested=0
	until line_of "$1" "$2" "${4:-0}"; do
		[ "$(uptime_ms)" -lt "$line_until" ] || return 1
		rest
	done
}

# read -r takes only lines that have their end.
line_of()
{
	tail -c "+$(($3 + 1))" "$1" 2>/dev/null | tr -d '\r' | {
		while IFS= read -r line_text; do
			printf '%s\n' "$line_text"
		done
	} | grep -aE -m 1 -e "$2"
}
