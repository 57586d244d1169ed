# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2 seconds=900
# kill -9, a hundred times, of a session at random moments of attach, claim, hit, step,
# upcall, release and detach, while two vCPUs call what it claims: each time the guest
# is as it was found; and a session beside it has every hit. KILLS sets how often, SEED
# where the moments start. kill-command.sh does it to the command.

. /lab/lib.sh

KILLS=${KILLS:-100}
SEED=${SEED:-1}
FUNCTIONS=nopl,push,movs

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
places=$(places $FUNCTIONS)
cat > /run/is-well <<-END
	[ "\$(guestctl $id get errors)" = 0 ]
END
cat > /run/is-as-found <<-END
	. /run/is-well && gueststate $id | cmp -s - /run/before
END
cat > /run/killed-beside <<-END
	guestctl $id call all $FUNCTIONS 0 &&
	killctl $id $((KILLS / 2)) $((SEED + 1)) $places sh /run/is-well > /run/killed
	status=\$?
	guestctl $id stop all && guestctl $id wait all 120 && exit \$status
END

# killed NAME COMMAND...: half of the kills.
killed()
{
	name=$1
	shift
	ok "$name: the guest is as before each time" "$@"
	diag "$(tr '\n' ' ' < /run/killed)"
	is "$(sed -n 's/^killed //p' /run/killed)" $((KILLS / 2)) \
		"$name: killed so often in the middle of its life"
}

guestctl "$id" call all $FUNCTIONS 0
killed "alone" sh -c "killctl $id $((KILLS / 2)) $SEED $places sh /run/is-as-found > /run/killed"
guestctl "$id" stop all
ok "both vCPUs are well" guestctl "$id" wait all 120
before=$(guestctl "$id" get calls)
killed "beside another session" sh -c \
	"claimctl $id auto $places sh /run/killed-beside > /run/claims"
is "$(claim_figure hits)" $(($(guestctl "$id" get calls) - before)) \
	"that session has every hit of the guest's calls"
is "$(figure lost)" 0 "none is lost"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
