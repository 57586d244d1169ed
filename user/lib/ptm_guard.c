// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How stores to entries come to be told: the driver watches those entries, or,
 * if that is beyond it or somebody else's, no store to their page is allowed.
 */
#include "ptm.h"

#include <string.h>

#include <linux/gprobe.h>

#include "moot.h"

static uint32_t view_of(const struct ptm_table *table)
{
	return table->key >> GPROBE_GFN_BITS;
}

static uint64_t gfn_of(const struct ptm_table *table)
{
	return table->key & ((1ULL << GPROBE_GFN_BITS) - 1);
}

static void get_reasons(const struct gprobe_ptm *ptm, const uint32_t *ids,
			uint32_t nr, struct gprobe_access_reason *reasons)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		reasons[i] = (struct gprobe_access_reason){
			.view = view_of(ptm_table(ptm, ids[i])),
			.gfn = gfn_of(ptm_table(ptm, ids[i])),
			.allowed = GPROBE_ACCESS_RX,
		};
}

static int protect(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	struct gprobe_access_reason reasons[PTM_BATCH] = { 0 };
	struct ptm_table *table;
	uint32_t i;
	int ret;

	get_reasons(ptm, ids, nr, reasons);
	ret = gprobe_access_get_many(ptm->arbiter, reasons, nr);
	for (i = 0; !ret && i < nr; i++) {
		table = ptm_table(ptm, ids[i]);
		table->held = true;
		memset(&table->guarded, 0xff, sizeof(table->guarded));
	}
	return ret;
}

static int unprotect(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	struct gprobe_access_reason reasons[PTM_BATCH] = { 0 };
	uint32_t i;
	int ret;

	get_reasons(ptm, ids, nr, reasons);
	ret = gprobe_access_put_many(ptm->arbiter, reasons, nr);
	for (i = 0; !ret && i < nr; i++)
		ptm_table(ptm, ids[i])->held = false;
	return ret;
}

static void get_calls(const struct gprobe_ptm *ptm, const uint32_t *ids,
		      uint32_t nr, struct gprobe_call *calls)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		calls[i] = (struct gprobe_call){
			.kind = GPROBE_CALL_WATCH,
			.view = view_of(ptm_table(ptm, ids[i])),
			.gfn = gfn_of(ptm_table(ptm, ids[i])),
			.ret = -ECANCELED,
		};
}

/*
 * One batch; more where the driver stopped at something that is gone, if that
 * is as good as done. The first error that counts.
 */
static int do_calls(struct gprobe_ptm *ptm, struct gprobe_call *calls,
		    uint32_t nr, bool (*is_fine)(int ret))
{
	const struct gprobe_driver *driver = &ptm->driver;
	int first = 0, all = 0;
	bool again = true;
	uint32_t i = 0;

	while (i < nr && again && !first) {
		again = false;
		all = driver->ops->call(driver->arg, calls + i, nr - i);
		for (; i < nr && calls[i].ret != -ECANCELED; i++) {
			if (is_fine(calls[i].ret))
				again = true;
			else if (!first)
				first = calls[i].ret;
		}
	}
	if (i < nr && !first)
		first = all ? all : -ECANCELED;
	return first;
}

static bool is_gone(int ret)
{
	return ret == -ENXIO;
}

static int watch(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	struct gprobe_call calls[PTM_BATCH];
	struct ptm_table *table;
	uint32_t i;
	int ret;

	get_calls(ptm, ids, nr, calls);
	for (i = 0; i < nr; i++)
		calls[i].entries = ptm_table(ptm, ids[i])->entries.bytes;
	ret = do_calls(ptm, calls, nr, is_gone);
	for (i = 0; i < nr; i++) {
		table = ptm_table(ptm, ids[i]);
		if (is_gone(calls[i].ret))
			ptm->gone = true;
		if (calls[i].ret)
			continue;
		table->held = true;
		table->guarded = table->entries;
	}
	return ret;
}

static int unwatch(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	struct gprobe_call calls[PTM_BATCH];
	uint32_t i;
	int ret;

	get_calls(ptm, ids, nr, calls);
	ret = do_calls(ptm, calls, nr, gprobe_is_moot);
	for (i = 0; i < nr; i++)
		if (!calls[i].ret || gprobe_is_moot(calls[i].ret))
			ptm_table(ptm, ids[i])->held = false;
	return ret;
}

int ptm_guard(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	return ptm->watches ? watch(ptm, ids, nr) : protect(ptm, ids, nr);
}

int ptm_unguard(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	return ptm->watches ? unwatch(ptm, ids, nr) : unprotect(ptm, ids, nr);
}
