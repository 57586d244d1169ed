// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <xenforeignmemory.h>
#include "tinyctl.h"

/* A look at the guest costs dom0 as much as a hit: ever fewer of them. */
#define POLL_MIN_NS	2000000
#define POLL_MAX_NS	100000000

#define load(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define store(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

uint64_t tinyctl_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

static void nap(uint64_t *ns)
{
	struct timespec t = { .tv_nsec = *ns };

	nanosleep(&t, NULL);
	if (*ns < POLL_MAX_NS)
		*ns *= 2;
}

static void *map_guest(struct tinyctl *t, uint64_t gpa, size_t nr, int prot)
{
	xen_pfn_t gfns[TINY_CTL_PAGES + TINY_CODE_PAGES];
	size_t i;

	for (i = 0; i < nr; i++)
		gfns[i] = gpa / TINY_PAGE_BYTES + i;
	return xenforeignmemory_map(t->fmem, t->domid, prot, nr, gfns, NULL);
}

int tinyctl_open(struct tinyctl *t, uint32_t domid)
{
	memset(t, 0, sizeof(*t));
	t->domid = domid;
	t->fmem = xenforeignmemory_open(NULL, 0);
	if (!t->fmem)
		return -errno;

	t->ctl = map_guest(t, TINY_CTL_GPA, TINY_CTL_PAGES,
			   PROT_READ | PROT_WRITE);
	if (!t->ctl)
		goto fail;
	t->vcpus = (void *)((char *)t->ctl + TINY_PAGE_BYTES);

	t->code = map_guest(t, TINY_CODE_GPA, TINY_CODE_PAGES, PROT_READ);
	if (!t->code)
		goto fail;
	return 0;

fail:
	tinyctl_close(t);
	return -ENODEV;
}

void tinyctl_close(struct tinyctl *t)
{
	if (t->code)
		xenforeignmemory_unmap(t->fmem, (void *)t->code,
				       TINY_CODE_PAGES);
	if (t->ctl)
		xenforeignmemory_unmap(t->fmem, t->ctl, TINY_CTL_PAGES);
	if (t->fmem)
		xenforeignmemory_close(t->fmem);
	memset(t, 0, sizeof(*t));
}

int tinyctl_wait_ready(const struct tinyctl *t, uint64_t timeout_ms)
{
	uint64_t end = tinyctl_now_ms() + timeout_ms, ns = POLL_MIN_NS;

	while (load(&t->ctl->magic) != TINY_MAGIC) {
		if (tinyctl_now_ms() >= end)
			return -ETIMEDOUT;
		nap(&ns);
	}
	return t->ctl->version == TINY_VERSION ? 0 : -EPROTO;
}

static int check_vcpu(const struct tinyctl *t, unsigned int vcpu)
{
	if (load(&t->ctl->magic) != TINY_MAGIC)
		return -EAGAIN;
	return vcpu < t->ctl->nr_vcpus && vcpu < TINY_MAX_VCPUS ? 0 : -EINVAL;
}

int tinyctl_done(const struct tinyctl *t, unsigned int vcpu)
{
	const struct tiny_vcpu *v = &t->vcpus[vcpu];
	int ret = check_vcpu(t, vcpu);

	if (ret)
		return ret;
	if (load(&v->state) == TINY_STATE_ERROR)
		return -EFAULT;
	return load(&v->done_seq) == load(&v->cmd.seq);
}

int tinyctl_start(const struct tinyctl *t, unsigned int vcpu,
		  const struct tiny_cmd *cmd)
{
	int done = tinyctl_done(t, vcpu);
	struct tiny_cmd next = *cmd;
	struct tiny_vcpu *v;

	if (done < 0)
		return done;
	if (!done)
		return -EBUSY;

	/* the guest looks at seq all the time: it changes last */
	v = &t->vcpus[vcpu];
	next.seq = v->cmd.seq;
	next.stop = 0;
	v->cmd = next;
	store(&v->cmd.seq, next.seq + 1);
	return 0;
}

int tinyctl_stop(const struct tinyctl *t, unsigned int vcpu)
{
	int ret = check_vcpu(t, vcpu);

	if (!ret)
		store(&t->vcpus[vcpu].cmd.stop, 1);
	return ret;
}

int tinyctl_wait(const struct tinyctl *t, unsigned int vcpu,
		 uint64_t timeout_ms)
{
	uint64_t end = tinyctl_now_ms() + timeout_ms, ns = POLL_MIN_NS;
	int done;

	while (!(done = tinyctl_done(t, vcpu))) {
		if (tinyctl_now_ms() >= end)
			return -ETIMEDOUT;
		nap(&ns);
	}
	return done < 0 ? done : 0;
}

double tinyctl_bench_cost(const struct tinyctl *t, unsigned int vcpu)
{
	const struct tiny_vcpu *v = &t->vcpus[vcpu];

	if (!v->cmd.count || !v->bench_ref_calls)
		return -1;
	return (double)v->bench_tsc / v->cmd.count -
	       (double)v->bench_ref_tsc / v->bench_ref_calls;
}

#define FUNC_NAME(NAME, name, index, off)	[index] = #name,
static const char *const func_names[TINY_NR_FUNCS] = { TINY_FUNCS(FUNC_NAME) };

int tinyctl_func(const char *name)
{
	unsigned int i;

	for (i = 0; i < TINY_NR_FUNCS; i++)
		if (!strcmp(func_names[i], name))
			return i;
	return -ENOENT;
}

const char *tinyctl_func_name(unsigned int index)
{
	return index < TINY_NR_FUNCS ? func_names[index] : NULL;
}
