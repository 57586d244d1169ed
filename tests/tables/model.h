/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a breakpoint table must do, in the plainest way: an array of claims that
 * is gone through each time. No guest, no failures.
 */
#ifndef GPROBE_TABLES_MODEL_H
#define GPROBE_TABLES_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/bpm.h>

#define MODEL_CLAIMS	4096

struct model {
	struct gprobe_bpm_claim claims[MODEL_CLAIMS];
	size_t nr;
};

int model_insert(struct model *model, const struct gprobe_bpm_spec *spec,
		 uint64_t gpa);
int model_remove(struct model *model, uint32_t view,
		 const struct gprobe_context *context, uint64_t key);
int model_remove_by_event(struct model *model,
			  const struct gprobe_event *event, uint64_t key);
int model_remove_view(struct model *model, uint32_t view);
void model_page_in(struct model *model, const struct gprobe_paging *paging);
void model_page_out(struct model *model, const struct gprobe_paging *paging);
bool model_has(const struct model *model, uint32_t view,
	       const struct gprobe_context *context);
/* How many INT3s are wanted at a place: 0 or more claims. */
size_t model_at(const struct model *model, uint32_t view, uint64_t gpa);
size_t model_on_page(const struct model *model, uint32_t view, uint64_t gfn);
/* Exact ones first; @exact gets how many these are. */
size_t model_hits(const struct model *model, const struct gprobe_event *event,
		  struct gprobe_bpm_hit *hits, size_t *exact);

#endif /* GPROBE_TABLES_MODEL_H */
