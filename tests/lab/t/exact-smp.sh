# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Two vCPUs that call the same probed functions at once are counted exactly,
# each for itself, while one more vCPU reads that code all the time.

. /lab/lib.sh

N=400

ok "the module loads" module_load
id=$(tiny_guest_start tiny 3)
ok "the guest comes up" guestctl "$id" wait-ready 60
functions=$(tiny_functions remap selfmod)
hot=nopl,push,sse,cpuid

# Read until told to stop; the callers are vCPUs 0 and 1.
cat > /run/both <<-END
	guestctl $id sum 2 $functions 0 len=32 &&
	guestctl $id call 0 \$1 \$2 && guestctl $id call 1 \$1 \$2 &&
	guestctl $id wait 0 400 && guestctl $id wait 1 400 && guestctl $id stop 2
END
ok "both vCPUs call every function" stat_tiny /run/all "$(probes_of "$functions")" \
	sh /run/both "$functions" $N
wrong=
for function in $(echo "$functions" | tr ',' ' '); do
	for vcpu in 0 1; do
		got=$(counted /run/all "f_$function" $vcpu)
		[ "$got" = $N ] || wrong="$wrong $function:$vcpu=$got"
	done
	[ "$(counted /run/all "f_$function" 2)" = 0 ] || wrong="$wrong $function:2"
done
is "$wrong" "" "each vCPU's calls are counted exactly"
is "$(lost /run/all)" 0 "none is lost"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(guestctl "$id" get sums_bad)" 0 "the code read the same all the time"
ok "it was read while it was probed" test "$(guestctl "$id" get sums)" -gt 0
diag "sums: $(guestctl "$id" get sums)"

# The hottest case: nothing but hits on both.
N=5000
ok "and again, the hottest" stat_tiny /run/hot "$(probes_of $hot)" sh /run/both $hot $N
wrong=
for function in $(echo $hot | tr ',' ' '); do
	got=$(counted /run/hot "f_$function")
	[ "$got" = $((2 * N)) ] || wrong="$wrong $function=$got"
done
is "$wrong" "" "five thousand calls on each, exactly"
is "$(guestctl "$id" get errors)" 0 "every one right"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
