// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <errno.h>

#include "../unit/unit.h"

static bool is_active(const struct gprobe_bpm_claim *claim)
{
	return claim->gpa != GPROBE_BPM_NO_GPA;
}

/* The same view, key and address; the root is another matter. */
static bool is_like(const struct gprobe_bpm_claim *claim, uint32_t view,
		    uint64_t gva, uint64_t key)
{
	return (!view || claim->spec.view == view) &&
	       claim->spec.context.gva == gva && claim->spec.key == key;
}

static void drop(struct model *model, size_t at)
{
	model->claims[at] = model->claims[--model->nr];
}

static struct gprobe_bpm_claim *find(struct model *model,
				     const struct gprobe_bpm_spec *spec,
				     uint64_t gpa)
{
	struct gprobe_bpm_claim *claim;

	for (claim = model->claims; claim < model->claims + model->nr; claim++)
		if (is_like(claim, spec->view, spec->context.gva, spec->key) &&
		    claim->spec.context.root == spec->context.root &&
		    claim->gpa == gpa)
			return claim;
	return NULL;
}

int model_insert(struct model *model, const struct gprobe_bpm_spec *spec,
		 uint64_t gpa)
{
	struct gprobe_bpm_claim fresh = { .spec = *spec, .gpa = gpa };
	struct gprobe_bpm_claim *claim;

	for (claim = model->claims; claim < model->claims + model->nr;
	     claim++) {
		if (!is_like(claim, spec->view, spec->context.gva, spec->key))
			continue;
		if (claim->spec.context.root == spec->context.root &&
		    claim->spec.global != spec->global)
			return -EEXIST;
		if (spec->global && claim->spec.global)
			fresh.spec.tag = claim->spec.tag;
	}
	if (find(model, spec, gpa))
		return GPROBE_BPM_THERE;
	claim = find(model, spec, GPROBE_BPM_NO_GPA);
	if (claim)
		drop(model, claim - model->claims);
	unit_assert(model->nr < MODEL_CLAIMS);
	model->claims[model->nr++] = fresh;
	return GPROBE_BPM_NEW;
}

/* All locations of a global claim, or of an exact one; view 0: in all views. */
static int remove_all(struct model *model, uint32_t view,
		      const struct gprobe_context *context, uint64_t key,
		      bool global)
{
	const struct gprobe_bpm_claim *claim;
	int removed = 0;
	size_t i = 0;

	while (i < model->nr) {
		claim = &model->claims[i];
		if (is_like(claim, view, context->gva, key) &&
		    claim->spec.global == global &&
		    (global || claim->spec.context.root == context->root)) {
			drop(model, i);
			removed = 1;
		} else {
			i++;
		}
	}
	return removed;
}

int model_remove(struct model *model, uint32_t view,
		 const struct gprobe_context *context, uint64_t key)
{
	const struct gprobe_bpm_claim *claim;

	for (claim = model->claims; claim < model->claims + model->nr; claim++)
		if (is_like(claim, view, context->gva, key) &&
		    claim->spec.context.root == context->root)
			return remove_all(model, view, context, key,
					  claim->spec.global);
	return 0;
}

static bool is_hit(const struct gprobe_bpm_claim *claim,
		   const struct gprobe_event *event)
{
	return claim->gpa == event->gpa && claim->spec.view == event->view &&
	       claim->spec.context.gva == event->gva &&
	       (claim->spec.global ||
		claim->spec.context.root == event->root);
}

int model_remove_by_event(struct model *model,
			  const struct gprobe_event *event, uint64_t key)
{
	const struct gprobe_context context = { event->gva, event->root };
	const struct gprobe_bpm_claim *claim;
	bool found[2] = { false, false };
	int i;

	for (claim = model->claims; claim < model->claims + model->nr; claim++)
		if (claim->spec.key == key && is_hit(claim, event))
			found[claim->spec.global] = true;
	if (!found[0] && !found[1])
		return GPROBE_BPM_NOTHING;
	for (i = 0; i < 2; i++)
		if (found[i])
			remove_all(model, 0, &context, key, i);
	return model_on_page(model, event->view, event->gpa >> 12) ?
		GPROBE_BPM_REMOVED : GPROBE_BPM_REMOVED_LAST;
}

int model_remove_view(struct model *model, uint32_t view)
{
	int removed = 0;
	size_t i = 0;

	while (i < model->nr) {
		if (model->claims[i].spec.view == view) {
			drop(model, i);
			removed = 1;
		} else {
			i++;
		}
	}
	return removed;
}

static bool is_in_page(const struct gprobe_bpm_claim *claim,
		       const struct gprobe_paging *paging)
{
	return claim->spec.view == paging->view &&
	       claim->spec.context.root == paging->context.root &&
	       claim->spec.context.gva >> 12 == paging->context.gva >> 12;
}

/* A claim becomes another one, unless that is there already. */
static void become(struct model *model, size_t *at, uint64_t gpa)
{
	struct gprobe_bpm_claim *claim = &model->claims[*at];

	if (find(model, &claim->spec, gpa)) {
		drop(model, *at);
		return;
	}
	claim->gpa = gpa;
	(*at)++;
}

void model_page_in(struct model *model, const struct gprobe_paging *paging)
{
	const struct gprobe_bpm_claim *claim;
	size_t i = 0;

	while (i < model->nr) {
		claim = &model->claims[i];
		if (!is_active(claim) && is_in_page(claim, paging))
			become(model, &i, (paging->gpa & ~0xfffULL) |
					  (claim->spec.context.gva & 0xfff));
		else
			i++;
	}
}

void model_page_out(struct model *model, const struct gprobe_paging *paging)
{
	const struct gprobe_bpm_claim *claim;
	size_t i = 0;

	while (i < model->nr) {
		claim = &model->claims[i];
		if (is_active(claim) && is_in_page(claim, paging) &&
		    claim->gpa >> 12 == paging->gpa >> 12)
			become(model, &i, GPROBE_BPM_NO_GPA);
		else
			i++;
	}
}

bool model_has(const struct model *model, uint32_t view,
	       const struct gprobe_context *context)
{
	const struct gprobe_bpm_claim *claim;

	for (claim = model->claims; claim < model->claims + model->nr; claim++)
		if (is_active(claim) && claim->spec.view == view &&
		    claim->spec.context.gva == context->gva &&
		    (claim->spec.global ||
		     claim->spec.context.root == context->root))
			return true;
	return false;
}

size_t model_at(const struct model *model, uint32_t view, uint64_t gpa)
{
	const struct gprobe_bpm_claim *claim;
	size_t nr = 0;

	for (claim = model->claims; claim < model->claims + model->nr; claim++)
		nr += claim->spec.view == view && claim->gpa == gpa;
	return nr;
}

size_t model_on_page(const struct model *model, uint32_t view, uint64_t gfn)
{
	const struct gprobe_bpm_claim *claim;
	size_t nr = 0;

	for (claim = model->claims; claim < model->claims + model->nr; claim++)
		nr += is_active(claim) && claim->spec.view == view &&
		      claim->gpa >> 12 == gfn;
	return nr;
}

size_t model_hits(const struct model *model, const struct gprobe_event *event,
		  struct gprobe_bpm_hit *hits, size_t *exact)
{
	const struct gprobe_bpm_claim *claim;
	size_t nr = 0, i, global;

	for (global = 0; global < 2; global++) {
		for (claim = model->claims; claim < model->claims + model->nr;
		     claim++) {
			if (claim->spec.global != global ||
			    !is_hit(claim, event))
				continue;
			/* A global claim under several roots is one. */
			for (i = 0; i < nr; i++)
				if (hits[i].global &&
				    hits[i].key == claim->spec.key)
					break;
			if (i < nr)
				continue;
			hits[nr++] = (struct gprobe_bpm_hit){
				.key = claim->spec.key,
				.tag = claim->spec.tag,
				.global = global,
			};
		}
		if (!global)
			*exact = nr;
	}
	return nr;
}
