# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# gprobe for dom0's scripts. Needs tap.sh, wait.sh and guests.sh.

LINUX_MAP=/lab/System.map
TINY_MAP=/lab/tiny.map

module_load()
{
	insmod "${1:-/lab/gprobe.ko}"
}

module_unload()
{
	rmmod gprobe
}

# linux_do NAME COMMAND: linux_guest_cmd as a program of its own, for
# `gprobe stat -- sh /run/linux-do NAME COMMAND`.
cat > /run/linux-do <<-'END'
	. /lab/lib.sh
	linux_guest_cmd "$@"
END

# stat_tiny FILE PROBES COMMAND...: counts PROBES of the guest "tiny" while
# COMMAND runs; the figures go to FILE as "VCPU COUNT PROBE" lines.
stat_tiny()
{
	stat_file=$1
	stat_probes=$2
	shift 2
	gprobe stat -d tiny --symbols "$TINY_MAP" -x , --per-vcpu \
		-o "$stat_file" -e "$stat_probes" -- "$@"
}

# stat_linux FILE NAME PROBES COMMAND: the same for the Linux guest NAME, which
# does COMMAND; prints the guest's reply.
stat_linux()
{
	gprobe stat -d "$2" --symbols "$LINUX_MAP" -x , --per-vcpu -o "$1" \
		-e "$3" -- sh /run/linux-do "$2" "$4"
}

# counted FILE PROBE [VCPU]: sum of a probe's counts in a CSV file.
counted()
{
	awk -F, -v probe="$2" -v vcpu="${3:-}" '
	$4 == probe && (vcpu == "" || $1 == "VCPU" vcpu) {
		if ($2 !~ /^[0-9]+$/)
			bad = $2
		sum += $2
		seen = 1
	}
	END { print bad ? bad : seen ? sum : "missing" }' "$1"
}

# lost FILE: the events-lost of a CSV file.
lost()
{
	awk -F, '$4 == "events-lost" { print $2 }' "$1"
}

# stat_background ARG...: gprobe stat in the background once its probes are in;
# its words go to /run/stat.out and /run/stat.err, its process is $stat_pid.
stat_background()
{
	gprobe stat "$@" > /run/stat.out 2> /run/stat.err &
	stat_pid=$!
	wait_for '[ "$(claims)" -gt 0 ] || ! kill -0 $stat_pid' 60
	kill -0 "$stat_pid" 2>/dev/null
}

# claims: how many there are.
claims()
{
	gprobe probe list | awk 'END { print NR - 1 }'
}

# tiny_functions [EXCEPT...]: all functions of the tiny guest by name, with
# commas, as guestctl has them.
tiny_functions()
{
	awk -v except=" ref $* " '
	/^ffffffff810/ {
		name = substr($3, 3)
		if (!index(except, " " name " "))
			list = list "," name
	}
	END { print substr(list, 2) }' "$TINY_MAP"
}

# probes_of FUNCTIONS: with commas, as probes.
probes_of()
{
	echo "$1" | sed 's/^/f_/; s/,/,f_/g'
}

# places FUNCTIONS: with commas, as GFN:OFFSET.
places()
{
	for function in $(echo "$1" | tr ',' ' '); do
		guestctl func "$function" | awk -F'=0x' '
		$1 == "gfn" { gfn = $2 }
		$1 == "offset" { print gfn ":" $2 }'
	done | tr '\n' ',' | sed 's/,$//'
}

# figure NAME: what claimctl or recordctl left in /run/claims.
figure()
{
	awk -v name="$1" '$1 == name && NF == 2 { print $2 }' /run/claims
}

# claim_figure NAME: the sum of all its places there.
claim_figure()
{
	awk -v name="$1" '$1 == name && NF == 3 { sum += $3; seen = 1 }
		END { print seen ? sum : "missing" }' /run/claims
}

# try STATUS PATTERN NAME COMMAND...: COMMAND ends with STATUS and one line on
# stderr, which matches the extended PATTERN.
try()
{
	try_status=$1
	try_pattern=$2
	try_name=$3
	shift 3
	"$@" > /run/try.out 2> /run/try.err
	try_got=$?
	if [ "$try_got" = "$try_status" ] && [ "$(wc -l < /run/try.err)" = 1 ] &&
		grep -qE -e "$try_pattern" /run/try.err; then
		tap_pass "$try_name: $(cat /run/try.err)"
	else
		not_ok "$try_name"
		diag "status $try_got, wanted $try_status; /$try_pattern/ wanted in:"
		diag "$(cat /run/try.err)"
		return 1
	fi
}
