// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How stores to entries come to be told: the driver watches those entries, or,
 * if that is beyond it or is somebody else's, no store to their page is allowed.
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

static int watch(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	const struct gprobe_driver *driver = &ptm->driver;
	struct gprobe_call calls[PTM_BATCH];
	struct ptm_table *table;
	uint32_t i;
	int ret;

	get_calls(ptm, ids, nr, calls);
	for (i = 0; i < nr; i++)
		calls[i].entries = ptm_table(ptm, ids[i])->entries.bytes;
	ret = driver->ops->call(driver->arg, calls, nr);
	for (i = 0; i < nr; i++) {
		table = ptm_table(ptm, ids[i]);
		if (calls[i].ret)
			continue;
		table->held = true;
		table->guarded = table->entries;
	}
	return ret;
}

/* One batch; more where the driver stopped at something that is gone. */
static int unwatch(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	const struct gprobe_driver *driver = &ptm->driver;
	struct gprobe_call calls[PTM_BATCH];
	bool moot = true;
	uint32_t i = 0;
	int first = 0, all = 0;

	get_calls(ptm, ids, nr, calls);
	while (i < nr && moot && !first) {
		moot = false;
		all = driver->ops->call(driver->arg, calls + i, nr - i);
		for (; i < nr && calls[i].ret != -ECANCELED; i++) {
			if (gprobe_is_moot(calls[i].ret))
				moot = true;
			else if (calls[i].ret) {
				first = first ? first : calls[i].ret;
				continue;
			}
			ptm_table(ptm, ids[i])->held = false;
		}
	}
	if (i < nr && !first)
		first = all ? all : -ECANCELED;
	return first;
}

int ptm_guard(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	return ptm->watches ? watch(ptm, ids, nr) : protect(ptm, ids, nr);
}

int ptm_unguard(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr)
{
	return ptm->watches ? unwatch(ptm, ids, nr) : unprotect(ptm, ids, nr);
}
