# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=1200
# Every hypercall of setting and removing traps fails in turn, with another
# session's trap of the same kind set and without. What is asked for happens, or
# nothing does; the other session misses no event.

. /lab/lib.sh

fail_nth=/sys/module/gprobe/parameters/fail_nth
TRAPS=cr3:upcall,msr=176:upcall,cr4,cpuid,debug,request+user:upcall,descriptor

ok "a module with faults loads" module_load /lab/gprobe-faults.ko
id=$(tiny_guest_start tiny 1)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

# try_all N: the n-th hypercall fails; "stop" when there were not so many.
cat > /run/try <<-END
	echo \$1 > $fail_nth
	trapctl -q $id $TRAPS guestctl $id deed 0 cr3 5 wait=60 > /run/claims 2> /run/err
	status=\$?
	[ "\$(cat $fail_nth)" = 0 ] || { echo 0 > $fail_nth; echo stop; exit; }
	case \$status in
	0) [ "\$(awk '\$1 == "cr3" { print \$2 }' /run/claims)" = 10 ] || echo "\$1:count" ;;
	1) echo failed; [ "\$(wc -l < /run/err)" = 1 ] || echo "\$1:message" ;;
	*) echo "\$1:status=\$status" ;;
	esac
	guestctl $id deed 0 cr3 5 wait=60 || echo "\$1:guest"
END

n=0
bad=
failed=0
while [ $n -lt 150 ]; do
	n=$((n + 1))
	said=$(sh /run/try $n | tr '\n' ' ')
	case $said in
	*stop*) break ;;
	'failed ') failed=$((failed + 1)) ;;
	?*) bad="$bad $said" ;;
	esac
	[ "$(gueststate "$id")" = "$(cat /run/before)" ] || bad="$bad $n:state"
	[ "$(guestctl "$id" get odd)" = 0 ] || bad="$bad $n:odd"
done
diag "$((n - 1)) hypercalls failed, $failed of them ended the command"
is "$bad" "" "alone: after each the guest is as it was"
ok "there were many" test $n -gt 40
ok "some of them mattered" test $failed -gt 20

# Beside another one, which must have every event; so many it should have.
cat > /run/beside <<-END
	n=0
	events=0
	while [ \$n -lt 100 ]; do
		n=\$((n + 1))
		before=\$(guestctl $id get deeds)
		said=\$(sh /run/try \$n | tr '\n' ' ')
		events=\$((events + \$(guestctl $id get deeds) - before))
		case \$said in *stop*) break ;; '' | 'failed ') ;; *) echo "\$said" >> /run/bad ;; esac
	done
	echo \$n > /run/n
	echo \$events > /run/events
END
: > /run/bad
ok "beside another session" sh -c "trapctl -q $id cr3,cpuid sh /run/beside > /run/outer"
diag "$(($(cat /run/n) - 1)) hypercalls failed"
is "$(cat /run/bad)" "" "what is asked for happens, or nothing does"
ok "there were some" test "$(cat /run/n)" -gt 8
is "$(awk '$1 == "cr3" { print $2 }' /run/outer)" "$(cat /run/events)" "the other one has had all its events"
is "$(guestctl "$id" get odd)" 0 "the guest what it wanted"
is "$(gueststate "$id")" "$(cat /run/before)" "and is as it was"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
