// SPDX-License-Identifier: LGPL-2.1-or-later
/* How much a page-table monitor holds. */
#include "ptm.h"

static uint64_t pool_bytes(const struct ptm_pool *pool)
{
	return (uint64_t)pool->max * pool->bytes;
}

static void add_vcpu(const struct ptm_vcpu *vcpu,
		     struct gprobe_ptm_figures *figures)
{
	uint32_t i;

	for (i = 0; i < vcpu->dirty.nr; i++)
		figures->unfinished += vcpu->dirty.ids[i] != PTM_NONE;
	figures->marks += vcpu->nr_marks;
	figures->bytes += sizeof(*vcpu) + gprobe_slots_memory(&vcpu->marked) +
			  (uint64_t)vcpu->dirty.max * sizeof(uint32_t) +
			  (uint64_t)vcpu->max_marks * sizeof(struct ptm_mark);
}

/**
 * gprobe_ptm_figures() - Count what there is.
 * @ptm: the monitor
 * @figures: the counts
 */
void gprobe_ptm_figures(const struct gprobe_ptm *ptm,
			struct gprobe_ptm_figures *figures)
{
	uint32_t i;

	*figures = (struct gprobe_ptm_figures){
		.addresses = ptm->addresses.used,
		.paged_in = ptm->paged_in,
		.tables = ptm->tables.used - ptm->nr_to_release,
		.entries = ptm->entries.used,
		.unsettled = ptm->nr_to_release,
		.bytes = sizeof(*ptm) + pool_bytes(&ptm->addresses) +
			 pool_bytes(&ptm->entries) + pool_bytes(&ptm->tables) +
			 gprobe_slots_memory(&ptm->address_slots) +
			 gprobe_slots_memory(&ptm->entry_slots) +
			 gprobe_slots_memory(&ptm->table_slots),
	};
	for (i = 0; i < ptm->nr_vcpus; i++)
		add_vcpu(&ptm->vcpus[i], figures);
}
