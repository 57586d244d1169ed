// SPDX-License-Identifier: GPL-2.0
/*
 * Traps: each event of eight vCPUs is told to each session that wants it,
 * exactly; it has its effect, but where a reply says otherwise; a monitor of Xen's
 * is on while somebody has a trap of it, and pauses vCPUs while somebody asks.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "../session.h"
#include "../tap.h"

#define VCPUS	8
#define ROUNDS	100
#define MSR	0xc0000082

static const struct place place = { 5, 0x321 };
static struct guest guest;

/**
 * struct deed - what a vCPU does, and how it goes
 * @kind: enum gprobe_trap_kind
 * @reason: GPROBE_XEN_REASON_*
 * @detail: what Xen tells of it
 * @how: how it ends when nobody asks
 * @counted: how when it is counted
 */
static const struct deed {
	const char *name;
	uint32_t kind, reason;
	uint64_t detail[4];
	uint32_t how, counted;
} deeds[] = {
	{ "CR3", GPROBE_TRAP_KIND_CR3, GPROBE_XEN_REASON_CTRLREG,
	  { GPROBE_XEN_CTRLREG_CR3, 0x2000, 0x1000 },
	  GPROBE_FAKE_NATIVE, GPROBE_FAKE_NATIVE },
	{ "MSR", GPROBE_TRAP_KIND_MSR, GPROBE_XEN_REASON_MSR,
	  { MSR, 2, 1 }, GPROBE_FAKE_NATIVE, GPROBE_FAKE_NATIVE },
	{ "CPUID", GPROBE_TRAP_KIND_CPUID, GPROBE_XEN_REASON_CPUID,
	  { INSN_BYTES | 7ULL << 32, 9 },
	  GPROBE_FAKE_NATIVE, GPROBE_FAKE_MOVED },
	{ "descriptor", GPROBE_TRAP_KIND_DESCRIPTOR,
	  GPROBE_XEN_REASON_DESCRIPTOR, { 0, 0, 2 | 1 << 8 },
	  GPROBE_FAKE_NATIVE, GPROBE_FAKE_EMULATED },
	{ "request", GPROBE_TRAP_KIND_REQUEST, GPROBE_XEN_REASON_GUEST_REQUEST,
	  { 0 }, GPROBE_FAKE_NATIVE, GPROBE_FAKE_NATIVE },
	{ "debug", GPROBE_TRAP_KIND_DEBUG, GPROBE_XEN_REASON_DEBUG,
	  { 0, 0, INSN_BYTES | 5ULL << 32 },
	  GPROBE_FAKE_FAULT, GPROBE_FAKE_FAULT },
};

#define NR_DEEDS	(sizeof(deeds) / sizeof(*deeds))

/**
 * struct player - a thread that plays a vCPU: it does a deed again and again
 * @id: the vCPU
 * @deed: what
 * @rounds: how often; 0: until @stop
 * @stop: told to end
 * @ends: how often it ended so: by GPROBE_FAKE_*
 * @error: what ended it early
 */
struct player {
	uint32_t id;
	const struct deed *deed;
	int rounds;
	atomic_bool stop;
	uint64_t ends[GPROBE_FAKE_FAULT + 1];
	int error;
	pthread_t thread;
};

static struct gprobe_fake_insn insn_of(uint32_t vcpu, const struct deed *deed)
{
	struct gprobe_fake_insn insn = insn_at(vcpu, place);

	insn.deed = deed->reason;
	memcpy(insn.detail, deed->detail, sizeof(insn.detail));
	return insn;
}

static void *play(void *arg)
{
	struct player *player = arg;
	struct gprobe_fake_insn insn;
	int i;

	for (i = 0; (!player->rounds || i < player->rounds) && !player->stop &&
		    !player->error; i++) {
		insn = insn_of(player->id, player->deed);
		player->error = insn_run(&guest, &insn);
		player->ends[insn.how]++;
	}
	return NULL;
}

static void start(struct player *players, const struct deed *deed, int rounds)
{
	uint32_t i;

	for (i = 0; i < VCPUS; i++) {
		players[i] = (struct player){
			.id = i, .deed = deed, .rounds = rounds,
		};
		if (pthread_create(&players[i].thread, NULL, play, &players[i]))
			bail("start a thread", errno);
	}
}

/* How many ended so; -1: something went wrong. */
static int64_t join(struct player *players, uint32_t how)
{
	int64_t nr = 0;
	int error = 0;
	uint32_t i;

	for (i = 0; i < VCPUS; i++) {
		pthread_join(players[i].thread, NULL);
		error |= players[i].error;
		nr += players[i].ends[how];
	}
	return error ? -1 : nr;
}

static struct gprobe_trap_spec spec_of(uint32_t kind, uint32_t action)
{
	return (struct gprobe_trap_spec){
		.domid = guest.spec.domid, .kind = kind, .action = action,
		.msr = kind == GPROBE_TRAP_KIND_MSR ? MSR : 0,
	};
}

static uint32_t set(struct gprobe_client *client, uint32_t kind,
		    uint32_t action)
{
	const struct gprobe_trap_spec spec = spec_of(kind, action);
	struct gprobe_trap_info info;
	int ret = gprobe_trap_new(client, &spec, &info);

	if (ret)
		bail(gprobe_client_message(client), ret);
	return info.id;
}

static uint64_t end(struct gprobe_client *client, uint32_t id)
{
	struct gprobe_trap_info info;
	int ret = gprobe_trap_del(client, id, &info);

	if (ret)
		bail(gprobe_client_message(client), ret);
	return info.events;
}

/* Reply until so many were told. */
static uint64_t serve(struct gprobe_client *client, uint64_t nr,
		      const struct gprobe_verdict *verdict)
{
	struct pollfd poll_fd = {
		.fd = gprobe_client_fd(client), .events = POLLIN,
	};
	struct gprobe_upcall upcall;
	uint64_t told = 0;
	int ret = 0;

	while (told < nr) {
		ret = gprobe_upcall_read(client, &upcall);
		if (ret == -EAGAIN && poll(&poll_fd, 1, 10000) > 0)
			continue;
		if (ret || upcall.timed_out ||
		    gprobe_upcall_reply(client, &upcall, verdict))
			break;
		told++;
	}
	return told;
}

static void counted(const struct deed *deed)
{
	struct gprobe_client *clients[2];
	struct player players[VCPUS];
	uint32_t ids[2];
	int i;

	for (i = 0; i < 2; i++) {
		clients[i] = session_open(&guest);
		ids[i] = set(clients[i], deed->kind, GPROBE_ACTION_COUNT + i);
	}
	start(players, deed, ROUNDS);
	is(join(players, deed->counted), VCPUS * ROUNDS,
	   "%s: each has its effect", deed->name);
	for (i = 0; i < 2; i++)
		is(end(clients[i], ids[i]), VCPUS * ROUNDS,
		   "%s: session %d is told of each", deed->name, i);
	is(session_stats(clients[0], &guest).unknown, 0,
	   "%s: none is unknown", deed->name);
	start(players, deed, ROUNDS);
	is(join(players, deed->how), VCPUS * ROUNDS,
	   "%s: then nobody is told", deed->name);
	is(session_stats(clients[0], &guest).events, VCPUS * ROUNDS,
	   "%s: by Xen", deed->name);
	for (i = 0; i < 2; i++)
		gprobe_client_close(clients[i]);
	check_as_found(&guest, deed->name);
}

/* In time, and as it is said. */
static void asked(const struct deed *deed, struct gprobe_verdict verdict,
		  uint32_t how)
{
	struct gprobe_client *client = session_open(&guest);
	uint32_t id = set(client, deed->kind, GPROBE_ACTION_UPCALL);
	struct player players[VCPUS];
	struct gprobe_stats stats;

	start(players, deed, ROUNDS);
	is(serve(client, VCPUS * ROUNDS, &verdict), VCPUS * ROUNDS,
	   "%s, verdict %u: each is told", deed->name, verdict.kind);
	is(join(players, how), VCPUS * ROUNDS,
	   "%s, verdict %u: and goes as it is said", deed->name, verdict.kind);
	is(end(client, id), VCPUS * ROUNDS, "%s, verdict %u: each is counted",
	   deed->name, verdict.kind);
	stats = session_stats(client, &guest);
	is(stats.unknown + stats.lost + stats.upcall_timeouts, 0,
	   "%s, verdict %u: nothing unknown, lost or late", deed->name,
	   verdict.kind);
	gprobe_client_close(client);
	check_as_found(&guest, deed->name);
}

static void verdicts(const struct deed *deed)
{
	const bool writes = deed->reason == GPROBE_XEN_REASON_CTRLREG ||
			    deed->reason == GPROBE_XEN_REASON_MSR;
	struct gprobe_verdict verdict = { .kind = GPROBE_VERDICT_CONTINUE };

	asked(deed, verdict, deed->counted);
	verdict.kind = GPROBE_VERDICT_DENY;
	if (writes)
		asked(deed, verdict, GPROBE_FAKE_DENIED);
	if (deed->reason == GPROBE_XEN_REASON_DEBUG)
		asked(deed, verdict, GPROBE_FAKE_MOVED);
	verdict.kind = GPROBE_VERDICT_VIEW;
	asked(deed, verdict, deed->counted);
}

/* Sessions go in the middle, as by kill -9, while their vCPUs wait or run. */
static void left(const struct deed *deed)
{
	struct player players[VCPUS];
	struct gprobe_client *client;
	uint64_t nr = 0;
	uint32_t vcpu;
	int i;

	start(players, deed, 0);
	for (i = 0; i < 20; i++) {
		client = session_open(&guest);
		set(client, deed->kind, GPROBE_ACTION_UPCALL);
		nr += serve(client, i, NULL);
		gprobe_client_close(client);
	}
	is(nr, 190, "%s: each session is asked", deed->name);
	for (vcpu = 0; vcpu < VCPUS; vcpu++)
		players[vcpu].stop = true;
	is(join(players, deed->how) > 0, true,
	   "%s: sessions go, the guest goes on", deed->name);
	check_as_found(&guest, deed->name);
}

static struct gprobe_fake_state state(void)
{
	struct gprobe_fake_state now;

	guest_state(&guest, &now);
	return now;
}

static void pauses(void)
{
	const uint32_t cr3 = 1 << GPROBE_XEN_CTRLREG_CR3;
	const uint32_t cr4 = 1 << GPROBE_XEN_CTRLREG_CR4;
	struct gprobe_client *one = session_open(&guest);
	struct gprobe_client *other = session_open(&guest);
	uint32_t id, ids[2];

	ids[0] = set(one, GPROBE_TRAP_KIND_CR3, GPROBE_ACTION_COUNT);
	ids[1] = set(one, GPROBE_TRAP_KIND_CR4, GPROBE_ACTION_RECORD);
	is(state().ctrlregs, cr3 | cr4, "two registers are monitored");
	is(state().sync, 0, "who writes them is not paused to be counted");
	id = set(other, GPROBE_TRAP_KIND_CR3, GPROBE_ACTION_UPCALL);
	is(state().sync, cr3 | cr4,
	   "now he is, also where writes are deferred for another register");
	end(other, id);
	is(state().ctrlregs, cr3 | cr4, "the first session has its traps yet");
	end(one, ids[0]);
	is(state().ctrlregs, cr4, "one register is monitored");
	end(one, ids[1]);
	is(state().ctrlregs, 0, "none is");
	set(other, GPROBE_TRAP_KIND_MSR, GPROBE_ACTION_COUNT);
	is(state().msrs, 1, "an MSR is monitored");
	gprobe_client_close(other);
	is(state().msrs, 0, "none is when its session is closed");
	gprobe_client_close(one);
	check_as_found(&guest, "monitors");
}

static void refused(struct gprobe_client *client, uint32_t kind, uint32_t msr,
		    int err, const char *words)
{
	struct gprobe_trap_spec spec = spec_of(kind, GPROBE_ACTION_COUNT);
	struct gprobe_trap_info info;

	spec.msr = msr;
	is(gprobe_trap_new(client, &spec, &info), err, "%s: is refused", words);
	ok(strstr(gprobe_client_message(client), words), "%s: says so", words);
}

static void refusals(void)
{
	struct gprobe_client *client = session_open(&guest);

	refused(client, GPROBE_TRAP_KIND_CALL, 0, -EOPNOTSUPP, "ARM");
	refused(client, GPROBE_TRAP_KIND_IO, 0, -EOPNOTSUPP, "4.18");
	refused(client, GPROBE_TRAP_KIND_MSR, 0x3000, -EINVAL, "MSRs");
	refused(client, GPROBE_TRAP_KIND_CPUID, 1, -EINVAL, "another kind");
	set(client, GPROBE_TRAP_KIND_CPUID, GPROBE_ACTION_UPCALL);
	refused(client, GPROBE_TRAP_KIND_CPUID, 0, -EEXIST, "already");
	is(gprobe_client_pin(client, 0, "name"), -EBUSY,
	   "a session that has to reply is not pinned");
	gprobe_client_close(client);
	check_as_found(&guest, "refusals");
}

int main(void)
{
	size_t i;

	guest_open(&guest, 1, VCPUS);
	for (i = 0; i < NR_DEEDS; i++) {
		counted(&deeds[i]);
		verdicts(&deeds[i]);
		left(&deeds[i]);
	}
	pauses();
	refusals();
	guest_close(&guest);
	return tap_end();
}
