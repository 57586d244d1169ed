// SPDX-License-Identifier: GPL-2.0
/*
 * What runs on the path of a hit, by the kernel's function_graph tracer: nothing
 * that allocates or sleeps, and no control hypercall. That the tracer would show it
 * is seen where a claim is made, which does all of that.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../file.h"
#include "../session.h"
#include "../tap.h"

#define TRACING	"/sys/kernel/tracing/"
#define FILTER	TRACING "set_ftrace_filter"
#define GRAPH	TRACING "set_graph_function"
#define ROUNDS	rounds(50)

enum { ALLOCATES, SLEEPS, CALLS_XEN, NR_KINDS };

static const char *const kinds[] = {
	[ALLOCATES] = "allocates", [SLEEPS] = "sleeps",
	[CALLS_XEN] = "calls Xen",
};

/* Names without the underscores before them; one that ends in * is a beginning. */
static const char *const names[][24] = {
	[ALLOCATES] = {
		"kmalloc*", "kzalloc*", "kcalloc*", "krealloc*", "kvmalloc*",
		"vmalloc*", "kmem_cache_alloc*", "alloc_pages*", "alloc_skb*",
		"get_free_pages*", "pcpu_alloc*", NULL
	},
	[SLEEPS] = {
		"mutex_lock*", "down", "down_read*", "down_write*", "schedule",
		"schedule_timeout*", "usleep*", "msleep*", "rt_spin_lock*",
		"wait_for_completion*", NULL
	},
	[CALLS_XEN] = { "gprobe_xen_*", "gprobe_map_*", NULL },
};

static const struct place place = { 2, 0x100 };
static struct guest guest;

static bool is_one_of(const char *name, const char *const *list)
{
	size_t length;

	for (; *list; list++) {
		length = strcspn(*list, "*");
		if (!strncmp(name, *list, length) &&
		    ((*list)[length] || !name[length]))
			return true;
	}
	return false;
}

static int put(const char *file, const char *text, int flags)
{
	int fd = open(file, O_WRONLY | flags);
	int ret;

	if (fd < 0)
		bail(file, errno);
	ret = *text && write(fd, text, strlen(text)) < 0 ? -1 : 0;
	return close(fd) ?: ret;
}

/*
 * What is traced: those, and the module. Not all that there is: where CPUs are
 * emulated, one may still see the INT3 by which the kernel has put a tracer into what
 * it handles INT3s with.
 */
static void add_to_filter(const char *name)
{
	static const char *const forms[] = { "%s", "_%s", "__%s" };
	char text[64];
	unsigned int i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		snprintf(text, sizeof(text), forms[i], name);
		/* Not every kernel has each. */
		if (put(FILTER, text, 0) && errno != EINVAL)
			bail(FILTER, errno);
	}
}

static void filter(void)
{
	const char *const *name;
	unsigned int i;

	add_to_filter("*:mod:gprobe");
	for (i = 0; i < NR_KINDS; i++)
		for (name = names[i]; *name; name++)
			add_to_filter(*name);
}

/* From now on, what these call; @besides may be "". */
static void trace(const char *function, const char *besides)
{
	if (put(GRAPH, function, O_TRUNC) || put(GRAPH, besides, 0))
		bail(GRAPH, errno);
	file_write(TRACING "current_tracer", "function_graph");
	file_write(TRACING "tracing_on", "1");
}

/* The function that a line of the trace tells of; NULL: of none. */
static const char *function_of(char *line)
{
	char *name = strchr(line, '|'), *end;

	if (!name)
		return NULL;
	name += strspn(name, "| _");
	for (end = name; isalnum(*end) || *end == '_' || *end == '.'; end++)
		;
	if (end == name || *name == '/')
		return NULL;
	*end = '\0';
	return name;
}

/* How many calls there were of @function, and of each kind. */
static unsigned int traced(const char *function, unsigned int *nr)
{
	char line[256];
	const char *name;
	unsigned int i, calls = 0;
	FILE *file;

	file_write(TRACING "tracing_on", "0");
	file = fopen(TRACING "trace", "re");
	if (!file)
		bail("open a trace", errno);
	memset(nr, 0, NR_KINDS * sizeof(*nr));
	while (fgets(line, sizeof(line), file)) {
		name = function_of(line);
		if (!name)
			continue;
		calls += !strcmp(name, function);
		for (i = 0; i < NR_KINDS; i++)
			if (is_one_of(name, names[i]) && !nr[i]++)
				note("%s: %s()", kinds[i], name);
	}
	fclose(file);
	file_write(TRACING "current_tracer", "nop");
	return calls;
}

static void it_would_be_seen(struct gprobe_client *client)
{
	unsigned int nr[NR_KINDS], i;
	struct gprobe_claim_info info;
	uint32_t claim;

	/* The request is let in, then done. */
	trace("claim_new", "lock");
	claim = session_claim(client, &guest, place, GPROBE_STEP_EMULATE);
	is(traced("claim_new", nr), 1, "a claim is made");
	for (i = 0; i < NR_KINDS; i++)
		ok(nr[i], "which %s", kinds[i]);
	gprobe_claim_del(client, claim, &info);
}

/* @filtered: all hits are kept out */
static void try_path(struct gprobe_client *client, const char *name,
		     uint32_t action, uint32_t step, bool filtered)
{
	struct gprobe_claim_spec spec = claim_stepped(&guest, place, step);
	unsigned int nr[NR_KINDS], i, calls;
	struct gprobe_claim_info info;
	struct vcpu *vcpus;
	uint32_t claim;

	spec.action = action;
	spec.cpls = filtered ? 1 << 3 : 0;
	claim = session_claim_spec(client, &spec);
	trace("handle_events", "");
	vcpus = vcpus_start(&guest, &place, 1, ROUNDS);
	vcpus_join(vcpus);
	calls = traced("handle_events", nr);
	info = session_claim_info(client, claim);
	is(filtered ? info.filtered : info.hits, ROUNDS * guest.spec.vcpus,
	   "%s: each hit is met", name);
	ok(calls, "%s: %u interrupts were traced", name, calls);
	for (i = 0; i < NR_KINDS; i++)
		is(nr[i], 0, "%s: no interrupt %s", name, kinds[i]);
	gprobe_claim_del(client, claim, &info);
}

int main(void)
{
	struct gprobe_client *client;

	if (access(GRAPH, W_OK)) {
		skip("the path of a hit", "a kernel with function_graph");
		return tap_end();
	}
	guest_open(&guest, 1, 2);
	client = session_open(&guest);
	file_write(TRACING "buffer_size_kb", "16384");
	filter();
	it_would_be_seen(client);
	try_path(client, "emulated", GPROBE_ACTION_COUNT, GPROBE_STEP_EMULATE, false);
	try_path(client, "fast", GPROBE_ACTION_COUNT, GPROBE_STEP_FAST, false);
	try_path(client, "toggled", GPROBE_ACTION_COUNT, GPROBE_STEP_TOGGLE, false);
	try_path(client, "skipped", GPROBE_ACTION_COUNT, GPROBE_STEP_SKIP, false);
	try_path(client, "recorded", GPROBE_ACTION_RECORD, GPROBE_STEP_EMULATE, false);
	try_path(client, "filtered", GPROBE_ACTION_COUNT, GPROBE_STEP_EMULATE, true);
	put(GRAPH, "", O_TRUNC);
	put(FILTER, "", O_TRUNC);
	gprobe_client_close(client);
	check_as_found(&guest, "path");
	guest_close(&guest);
	return tap_end();
}
