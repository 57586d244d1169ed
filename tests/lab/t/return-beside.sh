# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# A function and its return in one command, each by itself and by a glob: both
# have each call, and none is in the other's way.

. /lab/lib.sh

N=100
BOTH=f_push,r:f_push,f_sub,r:f_sub

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
cat > /run/both <<-END
	guestctl $id call 0 push,sub,endbr $N && guestctl $id call 1 push,sub,endbr $N &&
	guestctl $id wait 0 400 && guestctl $id wait 1 400
END

ok "stat" stat_tiny /run/stat $BOTH sh /run/both
for function in f_push r:f_push f_sub r:f_sub; do
	is "$(counted /run/stat $function 0)+$(counted /run/stat $function 1)" "$N+$N" \
		"stat: $function, on each vCPU"
done
is "$(lost /run/stat)" 0 "stat: none is lost"
ok "stat: by globs" stat_tiny /run/globs 'f_pu*h,r:f_pu*h,f_s*b' sh /run/both
is "$(counted /run/globs f_push) $(counted /run/globs r:f_push) $(counted /run/globs f_sub)" \
	"$((2 * N)) $((2 * N)) $((2 * N))" "stat: by globs, the same"
ok "stat: as JSON" gprobe stat -d tiny --symbols "$TINY_MAP" -j -o /run/json -e $BOTH -- sh /run/both
is "$(grep -o '"duration_unknown":[0-9]*' /run/json | tr '\n' ' ')" \
	'"duration_unknown":0 "duration_unknown":0 ' "stat: each return has its entry"

# What the one waits for, as its memory is read, is not in the duration of the other.
ok "trace" gprobe trace -d tiny --symbols "$TINY_MAP" --buffer 65536 -o /run/trace \
	-e 'f_push at=+0(%sp):x64,r:f_push' -- sh /run/both
is "$(tail -n 1 /run/trace)" "# $((4 * N)) hits, 0 lost" "trace: a line for each"
is "$(grep -c ' f_push  *at=0x' /run/trace) $(grep -c ' r:f_push  *duration=[0-9]' /run/trace)" \
	"$((2 * N)) $((2 * N))" "trace: of the function, and of its return"
ok "record" gprobe record -d tiny --symbols "$TINY_MAP" --buffer 65536 -o /run/data \
	-e f_push,r:f_push -- sh /run/both
gprobe report -i /run/data > /run/report
is "$(awk '$3 ~ /f_push/ { print $3, $1 }' /run/report | sort | tr '\n' ' ')" \
	"f_push $((2 * N)) r:f_push $((2 * N)) " "record: the same in its file"

is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(claims)" 0 "no claim is left"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
