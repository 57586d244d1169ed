# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Two vCPUs that call the same functions at once: each return is counted on its
# vCPU, and has its own entry.

. /lab/lib.sh

N=1000

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
cat > /run/both <<-END
	guestctl $id call 0 push,sub,endbr $N && guestctl $id call 1 push,sub,endbr $N &&
	guestctl $id wait 0 400 && guestctl $id wait 1 400
END
ok "both vCPUs call" stat_tiny /run/all r:f_push,r:f_sub,r:f_endbr sh /run/both
for function in push sub endbr; do
	is "$(counted /run/all r:f_$function 0)+$(counted /run/all r:f_$function 1)" "$N+$N" \
		"$function: each return, on each vCPU"
done
is "$(lost /run/all)" 0 "none is lost"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
ok "and again, as JSON" gprobe stat -d tiny --symbols "$TINY_MAP" -j -o /run/json -e r:f_push,r:f_sub \
	-- sh /run/both
is "$(grep -o '"duration_unknown":[0-9]*' /run/json | tr '\n' ' ')" \
	'"duration_unknown":0 "duration_unknown":0 ' "each return has its entry"
diag "$(cat /run/json)"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
