# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Runs tests one after another in one boot: tests.sh NAME:SECONDS... The dom0
# half of check. What a test leaves behind is its failure, and is removed, so
# that the next one starts as the first did.

. /lab/guests.sh
. /lab/wait.sh

# Prints what is here and was not at boot, a word each.
leftovers()
{
	xl list | awk 'NR > 1 && $2 != 0 { print "guest:" $1 "(" $2 ")" }'
	[ ! -d /sys/module/gprobe ] || echo module:gprobe
	# A daemon that a test forgot has init as its parent; so has, for a
	# second more, the clock of the time limit.
	ps -o pid,ppid,comm | awk 'NR > 1 && $2 == 1 { print "process:" $3 "(" $1 ")" }' |
		grep -vE ':(xenstored|xenconsoled|sh|init|timeout|k[a-z]+)\('
}

clean_up()
{
	for left in $(leftovers); do
		what=${left#*:}
		number=${what##*\(}
		case $left in
		process:*) kill -9 "${number%\)}" 2>/dev/null ;;
		guest:*) xl destroy "${number%\)}" 2>/dev/null ;;
		esac
	done
	[ ! -d /sys/module/gprobe ] || rmmod gprobe
	wait_for '[ -z "$(leftovers)" ]' 60
}

# prefix NAME: puts NAME before what each check and remark says, line by line.
prefix()
{
	while IFS= read -r line; do
		case $line in
		ok\ *' - '*) line="${line%% - *} - $1: ${line#* - }" ;;
		not\ ok\ *' - '*) line="${line%% - *} - $1: ${line#* - }" ;;
		'# '*) line="# $1: ${line#\# }" ;;
		esac
		printf '%s\n' "$line"
	done
}

# run_test NAME SECONDS
run_test()
{
	name=${1%.sh}
	before=$(uptime_ms)
	mkdir -p "/out/$name"
	{
		timeout -s KILL "$2" setsid sh "/lab/t/$1" < /dev/null 2> "/out/$name/stderr"
		echo $? > /run/status
	} | prefix "$name" | tee "/out/$name/tap"
	status=$(cat /run/status)
	if [ "$status" != 0 ]; then
		sed "s/^/# $name: /" "/out/$name/stderr" | tail -n 20
		if [ "$status" = 137 ]; then
			echo "not ok - $name: finishes within $2 s"
		elif ! grep -q '^not ok' "/out/$name/tap"; then
			echo "not ok - $name: ends with status $status"
		fi
	fi
	left=$(leftovers)
	if [ -n "$left" ]; then
		echo "not ok - $name: leaves nothing behind"
		printf '%s\n' "$left" | sed "s/^/# $name: left: /"
		clean_up || echo "not ok - $name: what it left could be removed"
	fi
	echo "# $name: $((($(uptime_ms) - before) / 1000)) s by dom0's clock"
}

for item in "$@"; do
	run_test "${item%:*}" "${item##*:}"
done
exit 0
