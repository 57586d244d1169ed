// SPDX-License-Identifier: GPL-2.0
/*
 * guestctl: drives a tiny guest from dom0's shell and reads its truth.
 * Exit status: 0 done, 1 failed (also: deadline passed), 2 usage.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tinyctl.h"

#define DEFAULT_TIMEOUT_S	60

static const char usage_text[] =
"usage: guestctl symbols | func NAME\n"
"       guestctl DOMID wait-ready SECS\n"
"       guestctl DOMID call   VCPU FUNCS N [OPTION]...\n"
"       guestctl DOMID sum    VCPU FUNCS N [OPTION]...\n"
"       guestctl DOMID write  VCPU N [OPTION]...   rewrite and call smc\n"
"       guestctl DOMID int3   VCPU N               the guest's own int3\n"
"       guestctl DOMID remap  VCPU N [OPTION]...   move remap's frame, call it\n"
"       guestctl DOMID touch  VCPU N [OPTION]...   data page\n"
"       guestctl DOMID deed   VCPU DEED N [OPTION]...  what Xen may tell of\n"
"       guestctl DOMID bench-call VCPU FUNC N [OPTION]... | bench-cost VCPU\n"
"       guestctl DOMID stop   VCPU\n"
"       guestctl DOMID wait   VCPU SECS\n"
"       guestctl DOMID show | get KEY\n"
"VCPU   number or 'all' (not for bench)\n"
"FUNCS  names with commas, 'all' (all but ref), or a hex mask\n"
"DEED   cr0, cr3, cr4, msr, cpuid, icebp, descriptor, request or io\n"
"N      times, 0: until stop\n"
"OPTION alias=4k|2m|1g|id root=0|1 mode=M len=BYTES wait=SECS\n"
"Commands return at once unless wait= is given; bench-call waits.\n";

static const char *const alias_names[TINY_ALIAS_MAX] = { "4k", "2m", "1g", "id" };

struct request {
	struct tinyctl *t;
	struct tiny_cmd cmd;
	unsigned int first, last;	/* vCPUs, both included */
	uint64_t wait_s;		/* 0: do not wait */
	int argc;			/* what follows the command's name */
	char **argv;
};

static int usage(void)
{
	fputs(usage_text, stderr);
	return 2;
}

static int fail(const char *what, int err)
{
	fprintf(stderr, "guestctl: %s: %s\n", what, strerror(-err));
	return 1;
}

static int parse_u64(const char *s, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(s, &end, 0);
	return errno || end == s || *end ? -EINVAL : 0;
}

static int parse_vcpu(struct request *r, const char *s)
{
	uint64_t vcpu;

	if (!strcmp(s, "all")) {
		r->first = 0;
		r->last = r->t->ctl->nr_vcpus - 1;
		return 0;
	}
	if (parse_u64(s, &vcpu) || vcpu >= TINY_MAX_VCPUS)
		return -EINVAL;
	r->first = r->last = vcpu;
	return 0;
}

static int parse_funcs(const char *s, uint64_t *mask)
{
	char *list, *name, *save;
	int ret = 0, index;

	if (!strcmp(s, "all")) {
		*mask = ((1ull << TINY_NR_FUNCS) - 1) & ~(1ull << TINY_F_REF);
		return 0;
	}
	if (!parse_u64(s, mask))
		return 0;

	list = strdup(s);
	if (!list)
		return -ENOMEM;
	*mask = 0;
	for (name = strtok_r(list, ",", &save); name;
	     name = strtok_r(NULL, ",", &save)) {
		index = tinyctl_func(name);
		if (index < 0) {
			ret = index;
			break;
		}
		*mask |= 1ull << index;
	}
	free(list);
	return ret;
}

static int parse_alias(const char *s, uint32_t *alias)
{
	for (*alias = 0; *alias < TINY_ALIAS_MAX; ++*alias)
		if (!strcmp(s, alias_names[*alias]))
			return 0;
	return -EINVAL;
}

static int parse_option(struct request *r, const char *s)
{
	const char *value = strchr(s, '=');
	uint64_t n;

	if (!value++)
		return -EINVAL;
	if (!strncmp(s, "alias=", 6))
		return parse_alias(value, &r->cmd.alias);
	if (parse_u64(value, &n))
		return -EINVAL;
	if (!strncmp(s, "root=", 5))
		r->cmd.root = n;
	else if (!strncmp(s, "mode=", 5))
		r->cmd.mode = n;
	else if (!strncmp(s, "len=", 4))
		r->cmd.len_bytes = n;
	else if (!strncmp(s, "wait=", 5))
		r->wait_s = n;
	else
		return -EINVAL;
	return 0;
}

static int wait_vcpus(const struct request *r, uint64_t timeout_s)
{
	uint64_t end = tinyctl_now_ms() + timeout_s * 1000, now;
	unsigned int vcpu;
	int ret;

	for (vcpu = r->first; vcpu <= r->last; vcpu++) {
		now = tinyctl_now_ms();
		ret = tinyctl_wait(r->t, vcpu, now < end ? end - now : 0);
		if (ret)
			return fail("wait", ret);
	}
	return 0;
}

static int start_vcpus(const struct request *r)
{
	unsigned int vcpu;
	int ret;

	for (vcpu = r->first; vcpu <= r->last; vcpu++) {
		ret = tinyctl_start(r->t, vcpu, &r->cmd);
		if (ret)
			return fail("start", ret);
	}
	return r->wait_s ? wait_vcpus(r, r->wait_s) : 0;
}

/* VCPU [FUNCS] N [OPTION]... */
static int parse_work(struct request *r, int with_funcs)
{
	int at = 1 + with_funcs, i;

	if (r->argc <= at || parse_vcpu(r, r->argv[0]) ||
	    (with_funcs && parse_funcs(r->argv[1], &r->cmd.mask)) ||
	    parse_u64(r->argv[at], &r->cmd.count))
		return -EINVAL;
	for (i = at + 1; i < r->argc; i++)
		if (parse_option(r, r->argv[i]))
			return -EINVAL;
	return 0;
}

static int do_work(struct request *r)
{
	int with_funcs = r->cmd.op == TINY_OP_CALL || r->cmd.op == TINY_OP_SUM;

	return parse_work(r, with_funcs) ? usage() : start_vcpus(r);
}

static int print_cost(const struct request *r)
{
	double cost = tinyctl_bench_cost(r->t, r->first);

	if (cost < 0)
		return fail("bench-cost", -ENODATA);
	printf("%.0f\n", cost);
	return 0;
}

static int parse_deed(const char *name, uint32_t *mode)
{
	static const char *const names[TINY_DEED_MAX] = {
		[TINY_DEED_CR0] = "cr0",
		[TINY_DEED_CR3] = "cr3",
		[TINY_DEED_CR4] = "cr4",
		[TINY_DEED_MSR] = "msr",
		[TINY_DEED_CPUID] = "cpuid",
		[TINY_DEED_ICEBP] = "icebp",
		[TINY_DEED_DESCRIPTOR] = "descriptor",
		[TINY_DEED_REQUEST] = "request",
		[TINY_DEED_IO] = "io",
	};

	for (*mode = 0; *mode < TINY_DEED_MAX; ++*mode)
		if (!strcmp(name, names[*mode]))
			return 0;
	return -EINVAL;
}

/* VCPU DEED N [OPTION]... */
static int do_deed(struct request *r)
{
	if (r->argc < 3 || parse_deed(r->argv[1], &r->cmd.mode))
		return usage();
	r->argv[1] = r->argv[0];
	r->argv++;
	r->argc--;
	return do_work(r);
}

static int do_bench(struct request *r)
{
	int ret;

	if (parse_work(r, 1) || r->first != r->last || !r->cmd.count ||
	    __builtin_popcountll(r->cmd.mask) != 1)
		return usage();
	if (!r->wait_s)
		r->wait_s = DEFAULT_TIMEOUT_S;
	ret = start_vcpus(r);
	return ret ? ret : print_cost(r);
}

static int do_bench_cost(struct request *r)
{
	if (r->argc != 1 || parse_vcpu(r, r->argv[0]) || r->first != r->last)
		return usage();
	return print_cost(r);
}

static int do_stop(struct request *r)
{
	unsigned int vcpu;
	int ret;

	if (r->argc != 1 || parse_vcpu(r, r->argv[0]))
		return usage();
	for (vcpu = r->first; vcpu <= r->last; vcpu++) {
		ret = tinyctl_stop(r->t, vcpu);
		if (ret)
			return fail("stop", ret);
	}
	return wait_vcpus(r, DEFAULT_TIMEOUT_S);
}

static int do_wait(struct request *r)
{
	uint64_t secs;

	if (r->argc != 2 || parse_vcpu(r, r->argv[0]) ||
	    parse_u64(r->argv[1], &secs))
		return usage();
	return wait_vcpus(r, secs);
}

static int do_wait_ready(struct request *r)
{
	uint64_t secs;
	int ret;

	if (r->argc != 1 || parse_u64(r->argv[0], &secs))
		return usage();
	ret = tinyctl_wait_ready(r->t, secs * 1000);
	return ret ? fail("wait-ready", ret) : 0;
}

struct printer {
	const char *want;	/* NULL: all that are not 0 */
	int found;
};

static void put(struct printer *p, const char *prefix, const char *key,
		uint64_t value)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s", prefix, key);
	if (!p->want) {
		if (value)
			printf("%s=%" PRIu64 "\n", full, value);
	} else if (!strcmp(p->want, full)) {
		printf("%" PRIu64 "\n", value);
		p->found = 1;
	}
}

#define VCPU_KEY(field)	{ #field, offsetof(struct tiny_vcpu, field) }
static const struct {
	const char *name;
	size_t offset;
} vcpu_keys[] = {
	VCPU_KEY(rounds), VCPU_KEY(wrong), VCPU_KEY(sums), VCPU_KEY(sums_bad),
	VCPU_KEY(bad_gva), VCPU_KEY(bad_got), VCPU_KEY(writes),
	VCPU_KEY(writes_bad), VCPU_KEY(remaps), VCPU_KEY(touches),
	VCPU_KEY(touches_bad), VCPU_KEY(int3s), VCPU_KEY(bp), VCPU_KEY(bp_bad),
	VCPU_KEY(bp_rip), VCPU_KEY(db), VCPU_KEY(pf), VCPU_KEY(ud), VCPU_KEY(gp),
	VCPU_KEY(fault.vector), VCPU_KEY(fault.error_code),
	VCPU_KEY(fault.rip), VCPU_KEY(fault.cr2), VCPU_KEY(bench_tsc),
	VCPU_KEY(bench_ref_tsc), VCPU_KEY(bench_ref_calls), VCPU_KEY(locked),
	VCPU_KEY(deeds), VCPU_KEY(odd), VCPU_KEY(odd_value), VCPU_KEY(stores),
	VCPU_KEY(stores_bad),
};

#define NR_VCPU_KEYS	(sizeof(vcpu_keys) / sizeof(vcpu_keys[0]))

static uint64_t vcpu_value(const struct tiny_vcpu *v, unsigned int key)
{
	return *(const volatile uint64_t *)((const char *)v +
					    vcpu_keys[key].offset);
}

static void show_vcpu(struct printer *p, const struct tiny_vcpu *v,
		      unsigned int vcpu)
{
	char prefix[16], name[32];
	unsigned int i;

	snprintf(prefix, sizeof(prefix), "v%u.", vcpu);
	put(p, prefix, "state", v->state);
	put(p, prefix, "seq", v->cmd.seq);
	put(p, prefix, "done_seq", v->done_seq);
	for (i = 0; i < NR_VCPU_KEYS; i++)
		put(p, prefix, vcpu_keys[i].name, vcpu_value(v, i));
	for (i = 0; i < TINY_NR_FUNCS; i++) {
		snprintf(name, sizeof(name), "calls.%s", tinyctl_func_name(i));
		put(p, prefix, name, v->calls[i]);
	}
}

static void show_totals(struct printer *p, const struct tinyctl *t)
{
	unsigned int i, vcpu;
	uint64_t sum, all = 0;
	char name[32];

	for (i = 0; i < NR_VCPU_KEYS; i++) {
		for (sum = 0, vcpu = 0; vcpu < t->ctl->nr_vcpus; vcpu++)
			sum += vcpu_value(&t->vcpus[vcpu], i);
		put(p, "", vcpu_keys[i].name, sum);
	}
	for (i = 0; i < TINY_NR_FUNCS; i++) {
		for (sum = 0, vcpu = 0; vcpu < t->ctl->nr_vcpus; vcpu++)
			sum += t->vcpus[vcpu].calls[i];
		snprintf(name, sizeof(name), "calls.%s", tinyctl_func_name(i));
		put(p, "", name, sum);
		all += sum;
	}
	put(p, "", "calls", all);
}

/* Anything that says that the guest did not run as it should have. */
static uint64_t guest_errors(const struct tinyctl *t)
{
	uint64_t errors = 0;
	unsigned int vcpu;

	for (vcpu = 0; vcpu < t->ctl->nr_vcpus; vcpu++) {
		const struct tiny_vcpu *v = &t->vcpus[vcpu];

		errors += v->wrong + v->sums_bad + v->writes_bad +
			  v->touches_bad + v->stores_bad + v->bp_bad + v->pf +
			  v->ud + v->gp;
		errors += v->state == TINY_STATE_ERROR;
		errors += (uint32_t)v->locked !=
			  (uint32_t)v->calls[TINY_F_LOCK];
	}
	return errors;
}

static int do_show(struct request *r, const char *want)
{
	struct printer p = { .want = want };
	const struct tinyctl *t = r->t;
	uint64_t self_datum;
	unsigned int vcpu;

	if (t->ctl->magic != TINY_MAGIC || t->ctl->nr_vcpus > TINY_MAX_VCPUS)
		return fail("show", -EAGAIN);

	memcpy(&self_datum, t->code + TINY_SELF_DATUM_OFF, sizeof(self_datum));
	put(&p, "", "vcpus", t->ctl->nr_vcpus);
	put(&p, "", "has_1g", !!(t->ctl->features & TINY_HAS_1G));
	put(&p, "", "errors", guest_errors(t));
	put(&p, "", "self_datum", self_datum);
	show_totals(&p, t);
	for (vcpu = 0; vcpu < t->ctl->nr_vcpus; vcpu++)
		show_vcpu(&p, &t->vcpus[vcpu], vcpu);
	if (want && !p.found) {
		fprintf(stderr, "guestctl: no key %s\n", want);
		return 1;
	}
	return 0;
}

static int dispatch(struct request *r, const char *name)
{
	static const struct {
		const char *name;
		enum tiny_op op;
		int (*fn)(struct request *r);
	} cmds[] = {
		{ "call", TINY_OP_CALL, do_work },
		{ "sum", TINY_OP_SUM, do_work },
		{ "write", TINY_OP_WRITE, do_work },
		{ "int3", TINY_OP_INT3, do_work },
		{ "remap", TINY_OP_REMAP, do_work },
		{ "touch", TINY_OP_TOUCH, do_work },
		{ "deed", TINY_OP_DEED, do_deed },
		{ "bench-call", TINY_OP_BENCH, do_bench },
		{ "bench-cost", TINY_OP_NOP, do_bench_cost },
		{ "stop", TINY_OP_NOP, do_stop },
		{ "wait", TINY_OP_NOP, do_wait },
		{ "wait-ready", TINY_OP_NOP, do_wait_ready },
	};
	size_t i;

	if (!strcmp(name, "show") && !r->argc)
		return do_show(r, NULL);
	if (!strcmp(name, "get") && r->argc == 1)
		return do_show(r, r->argv[0]);

	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		if (!strcmp(name, cmds[i].name)) {
			r->cmd.op = cmds[i].op;
			return cmds[i].fn(r);
		}
	}
	return usage();
}

/* System.map's form, one line a function and alias. */
static int do_symbols(void)
{
	unsigned int i, alias;

	for (alias = 0; alias < TINY_ALIAS_MAX; alias++)
		for (i = 0; i < TINY_NR_FUNCS; i++)
			printf("%016" PRIx64 " T f_%s%s%s\n",
			       tiny_alias_gva(alias) + tiny_func_off(i),
			       tinyctl_func_name(i), alias ? "_" : "",
			       alias ? alias_names[alias] : "");
	return 0;
}

static int do_func(const char *name)
{
	int index = tinyctl_func(name);
	unsigned int alias;
	uint32_t off;

	if (index < 0)
		return fail(name, index);
	off = tiny_func_off(index);
	printf("index=%d\ngfn=0x%x\noffset=0x%x\ngpa=0x%x\n", index,
	       (TINY_CODE_GPA + off) / TINY_PAGE_BYTES, off % TINY_PAGE_BYTES,
	       TINY_CODE_GPA + off);
	for (alias = 0; alias < TINY_ALIAS_MAX; alias++)
		printf("gva_%s=0x%016" PRIx64 "\n", alias_names[alias],
		       tiny_alias_gva(alias) + off);
	return 0;
}

int main(int argc, char **argv)
{
	struct tinyctl t;
	struct request r = { .t = &t };
	uint64_t domid;
	int ret;

	if (argc == 2 && !strcmp(argv[1], "symbols"))
		return do_symbols();
	if (argc == 3 && !strcmp(argv[1], "func"))
		return do_func(argv[2]);
	if (argc < 3 || parse_u64(argv[1], &domid))
		return usage();

	ret = tinyctl_open(&t, domid);
	if (ret)
		return fail("no tiny guest to map", ret);
	r.argc = argc - 3;
	r.argv = argv + 3;
	ret = dispatch(&r, argv[2]);
	tinyctl_close(&t);
	return ret;
}
