// SPDX-License-Identifier: LGPL-2.1-or-later
/* The breakpoint table: putting claims in. */
#include <gprobe/bpm.h>

#include <errno.h>
#include <stdlib.h>

#include "bpm.h"
#include "canonical.h"

#define GPA_BITS	52

/**
 * gprobe_bpm_new() - Begin an empty table.
 * @driver: the guest, for translations; copied
 * @tap: how it is tapped; copied, what it points to outlives the table
 * @bpm: gets the table
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_bpm_new(const struct gprobe_driver *driver,
		   const struct gprobe_tap *tap, struct gprobe_bpm **bpm)
{
	*bpm = calloc(1, sizeof(**bpm));
	if (!*bpm)
		return -ENOMEM;
	(*bpm)->driver = *driver;
	(*bpm)->tap = *tap;
	gprobe_seed_init(&(*bpm)->seed);
	gprobe_slots_init(&(*bpm)->frames, sizeof(struct bpm_frame));
	gprobe_slots_init(&(*bpm)->others, sizeof(struct bpm_other));
	gprobe_slots_init(&(*bpm)->pages, sizeof(struct bpm_chain));
	gprobe_slots_init(&(*bpm)->rings, sizeof(struct bpm_chain));
	return 0;
}

/**
 * gprobe_bpm_free() - Free a table.
 * @bpm: the table, or NULL
 *
 * The guest is not touched: what is to leave it is cleared before.
 */
void gprobe_bpm_free(struct gprobe_bpm *bpm)
{
	if (!bpm)
		return;
	gprobe_bpm_claims_free(bpm);
	free(bpm);
}

/**
 * gprobe_bpm_check() - May there be a breakpoint?
 * @view: in this view
 * @context: at this address
 *
 * Return: 0 or -EINVAL.
 */
int gprobe_bpm_check(uint32_t view, const struct gprobe_context *context)
{
	return view != GPROBE_VIEW_HOST && view <= GPROBE_BPM_VIEW_MAX &&
	       gprobe_is_canonical(context->gva) ? 0 : -EINVAL;
}

static bool gpa_fits(uint64_t gpa, uint64_t gva)
{
	return !(gpa >> GPA_BITS) && !((gpa ^ gva) & PAGE_MASK);
}

/* --- batches ----------------------------------------------------------- */

/**
 * gprobe_bpm_batch_alloc() - Have room for a batch of claims.
 * @bpm: the table
 * @batch: gets it; to be given to gprobe_bpm_batch_free()
 * @nr: how many
 *
 * Return: 0 or -ENOMEM, which cannot be for BPM_CHUNK and fewer.
 */
int gprobe_bpm_batch_alloc(struct gprobe_bpm *bpm, struct bpm_batch *batch,
			   size_t nr)
{
	*batch = (struct bpm_batch){
		.ids = bpm->ids, .frames = bpm->in_frames, .calls = bpm->calls,
	};
	if (nr <= BPM_CHUNK)
		return 0;
	batch->ids = reallocarray(NULL, nr, sizeof(*batch->ids));
	batch->frames = reallocarray(NULL, nr, sizeof(*batch->frames));
	batch->calls = reallocarray(NULL, nr, 2 * sizeof(*batch->calls));
	if (batch->ids && batch->frames && batch->calls)
		return 0;
	gprobe_bpm_batch_free(bpm, batch);
	return -ENOMEM;
}

/**
 * gprobe_bpm_batch_free() - Be done with a batch.
 * @bpm: the table
 * @batch: as gprobe_bpm_batch_alloc() gave it
 */
void gprobe_bpm_batch_free(struct gprobe_bpm *bpm, struct bpm_batch *batch)
{
	if (batch->ids == bpm->ids)
		return;
	free(batch->ids);
	free(batch->frames);
	free(batch->calls);
}

/* All that was staged is as it was before. */
static void abandon(struct gprobe_bpm *bpm, struct bpm_batch *batch)
{
	struct bpm_claim *claim;
	size_t i;

	for (i = 0; i < batch->nr; i++) {
		claim = bpm_claim(bpm, batch->ids[i]);
		if (claim->root & CLAIM_STAGED && claim->root & CLAIM_ACTIVE)
			gprobe_bpm_place_unlink(bpm, batch->ids[i],
						batch->frames[i]);
	}
	if (gprobe_bpm_reconcile(bpm, batch))
		bpm->unsettled = true;
	gprobe_bpm_tidy(bpm, batch);
	for (i = 0; i < batch->nr; i++) {
		claim = bpm_claim(bpm, batch->ids[i]);
		if (claim->root & CLAIM_WOKEN)
			claim->place = bpm_place_key(bpm_view(claim), 0);
		else if (claim->root & CLAIM_STAGED)
			gprobe_bpm_claim_del(bpm, batch->ids[i]);
		claim->root &= ~(uint64_t)(CLAIM_STAGED | CLAIM_WOKEN |
					   CLAIM_SPARE);
	}
}

/* The pending copy of a claim that became active is not wanted any more. */
static void drop_copy(struct gprobe_bpm *bpm, const struct bpm_claim *claim)
{
	const struct bpm_claim *copy;
	uint32_t id;

	if (bpm_is_alone(claim))
		return;
	for (id = gprobe_bpm_page_first(bpm, bpm_root(claim), claim->gva); id;
	     id = bpm_next(bpm, id, BPM_PAGE)) {
		copy = bpm_claim(bpm, id);
		if (!(copy->root & CLAIM_ACTIVE) && copy->key == claim->key &&
		    copy->gva == claim->gva &&
		    bpm_view(copy) == bpm_view(claim)) {
			gprobe_bpm_claim_del(bpm, id);
			return;
		}
	}
}

static void keep(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	struct bpm_claim *claim;
	size_t i;

	for (i = 0; i < batch->nr; i++) {
		claim = bpm_claim(bpm, batch->ids[i]);
		if (claim->root & CLAIM_ACTIVE && claim->root & CLAIM_STAGED &&
		    !(claim->root & CLAIM_WOKEN))
			drop_copy(bpm, claim);
	}
	for (i = 0; i < batch->nr; i++) {
		claim = bpm_claim(bpm, batch->ids[i]);
		if (claim->root & CLAIM_SPARE)
			gprobe_bpm_claim_del(bpm, batch->ids[i]);
		else
			claim->root &= ~(uint64_t)(CLAIM_STAGED | CLAIM_WOKEN);
	}
}

/**
 * gprobe_bpm_commit() - Bring staged claims into the guest, or abandon them.
 * @bpm: the table
 * @batch: the claims
 * @ret: not 0: staging them failed
 *
 * Return: @ret, or what the tap answered; all or nothing.
 */
int gprobe_bpm_commit(struct gprobe_bpm *bpm, struct bpm_batch *batch, int ret)
{
	gprobe_bpm_locate(bpm, batch);
	if (!ret)
		ret = gprobe_bpm_reconcile(bpm, batch);
	if (ret) {
		abandon(bpm, batch);
		return ret;
	}
	keep(bpm, batch);
	/* What is still unsettled is a failure of another call. */
	gprobe_bpm_settle(bpm);
	return 0;
}

/* --- inserting --------------------------------------------------------- */

/* The claims of one specification that are there. */
struct siblings {
	uint32_t at_place, pending, family;
	bool conflict;
};

static void look_at(const struct gprobe_bpm *bpm, uint32_t id,
		    const struct gprobe_bpm_spec *spec, uint64_t place,
		    struct siblings *siblings)
{
	const struct bpm_claim *claim = bpm_claim(bpm, id);

	if (claim->key != spec->key || claim->gva != spec->context.gva ||
	    bpm_view(claim) != spec->view)
		return;
	if (!!(claim->root & CLAIM_GLOBAL) != spec->global)
		siblings->conflict = true;
	else if (!(claim->root & CLAIM_ACTIVE))
		siblings->pending = id;
	else if (claim->place == place)
		siblings->at_place = id;
}

static struct siblings siblings_of(const struct gprobe_bpm *bpm,
				   const struct gprobe_bpm_spec *spec,
				   uint64_t place)
{
	uint64_t root = spec->context.root & GPROBE_ROOT_MASK;
	struct siblings siblings = { 0 };
	const struct bpm_claim *claim;
	uint32_t id;

	for (id = gprobe_bpm_page_first(bpm, root, spec->context.gva); id;
	     id = bpm_next(bpm, id, BPM_PAGE))
		look_at(bpm, id, spec, place, &siblings);
	if (!spec->global)
		return siblings;
	for (id = gprobe_bpm_ring_first(bpm, spec->context.gva); id;
	     id = bpm_next(bpm, id, BPM_RING)) {
		claim = bpm_claim(bpm, id);
		if (claim->key == spec->key && bpm_view(claim) == spec->view) {
			siblings.family = id;
			break;
		}
	}
	return siblings;
}

static int reserve(struct gprobe_bpm *bpm, bool active, bool global)
{
	int ret = gprobe_bpm_claim_reserve(bpm, global);

	return ret || !active ? ret : gprobe_bpm_place_reserve(bpm);
}

/* @gpa may be GPROBE_BPM_NO_GPA. The batch gets what is to be reconciled. */
static int stage(struct gprobe_bpm *bpm, const struct gprobe_bpm_spec *spec,
		 uint64_t gpa, struct bpm_batch *batch)
{
	bool active = gpa != GPROBE_BPM_NO_GPA;
	uint64_t place = active ? bpm_place_key(spec->view, gpa) : 0;
	struct siblings siblings;
	struct bpm_claim *claim;
	uint32_t id;
	int ret;

	bpm_prefetch(bpm, bpm_hint(bpm, place));
	siblings = siblings_of(bpm, spec, place);
	if (siblings.conflict)
		return -EEXIST;
	id = active ? siblings.at_place : siblings.pending;
	if (id) {
		/* A call that failed may have left its INT3 out. */
		if (!(bpm_claim(bpm, id)->root & CLAIM_STAGED))
			batch->ids[batch->nr++] = id;
		return GPROBE_BPM_THERE;
	}
	ret = reserve(bpm, active, spec->global);
	if (ret)
		return ret;
	id = gprobe_bpm_claim_add(bpm, spec, place);
	batch->ids[batch->nr++] = id;
	claim = bpm_claim(bpm, id);
	claim->root |= CLAIM_STAGED;
	/* A global has one tag, under however many roots it is wanted. */
	if (siblings.family)
		claim->tag = bpm_claim(bpm, siblings.family)->tag;
	if (active)
		gprobe_bpm_place_link(bpm, id);
	return GPROBE_BPM_NEW;
}

static int insert_one(struct gprobe_bpm *bpm,
		      const struct gprobe_bpm_spec *spec, uint64_t gpa)
{
	struct bpm_batch batch;
	int answer, ret;

	gprobe_bpm_batch_alloc(bpm, &batch, 1);
	answer = stage(bpm, spec, gpa, &batch);
	ret = gprobe_bpm_commit(bpm, &batch, answer < 0 ? answer : 0);
	return ret ? ret : answer;
}

/* A translation's answer as a hint; an error that it is not is returned. */
static int hint_of(const struct gprobe_translation *translation, uint64_t *gpa)
{
	*gpa = GPROBE_BPM_NO_GPA;
	if (translation->ret == -ENXIO)
		return 0;
	if (translation->ret)
		return translation->ret;
	*gpa = translation->gpa;
	return gpa_fits(*gpa, translation->gva) ? 0 : -EPROTO;
}

static int translate(struct gprobe_bpm *bpm,
		     struct gprobe_translation *translations, size_t nr)
{
	return bpm->driver.ops->translate(bpm->driver.arg, translations, nr);
}

static struct gprobe_translation question(const struct gprobe_bpm_spec *spec)
{
	return (struct gprobe_translation){
		.root = spec->context.root & GPROBE_ROOT_MASK,
		.gva = spec->context.gva,
	};
}

/**
 * gprobe_bpm_insert() - Want a breakpoint; it is active if it is mapped now.
 * @bpm: the table
 * @spec: the claim
 *
 * Return: enum gprobe_bpm_answer; or a negative errno, see above.
 */
int gprobe_bpm_insert(struct gprobe_bpm *bpm,
		      const struct gprobe_bpm_spec *spec)
{
	struct gprobe_translation translation = question(spec);
	uint64_t gpa;
	int ret;

	ret = gprobe_bpm_check(spec->view, &spec->context);
	if (ret)
		return ret;
	ret = translate(bpm, &translation, 1);
	if (!ret)
		ret = hint_of(&translation, &gpa);
	return ret ? ret : insert_one(bpm, spec, gpa);
}

/**
 * gprobe_bpm_insert_at() - Want a breakpoint, and know where it is mapped.
 * @bpm: the table
 * @spec: the claim
 * @gpa: where; GPROBE_BPM_NO_GPA: nowhere. Trusted, but its offset in the page
 *	must be the address's.
 *
 * Return: as gprobe_bpm_insert().
 */
int gprobe_bpm_insert_at(struct gprobe_bpm *bpm,
			 const struct gprobe_bpm_spec *spec, uint64_t gpa)
{
	int ret = gprobe_bpm_check(spec->view, &spec->context);

	if (ret)
		return ret;
	if (gpa != GPROBE_BPM_NO_GPA && !gpa_fits(gpa, spec->context.gva))
		return -EINVAL;
	return insert_one(bpm, spec, gpa);
}

static int stage_many(struct gprobe_bpm *bpm, struct bpm_batch *batch,
		      const struct gprobe_bpm_spec *specs,
		      const uint64_t *gpas, size_t nr, int *answers)
{
	size_t i;
	int ret;

	for (i = 0; i < nr; i++) {
		ret = stage(bpm, &specs[i], gpas[i], batch);
		if (ret < 0)
			return ret;
		if (answers)
			answers[i] = ret;
	}
	return 0;
}

static int check_many(const struct gprobe_bpm_spec *specs, size_t nr)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++)
		ret = gprobe_bpm_check(specs[i].view, &specs[i].context);
	return ret;
}

static int insert_many(struct gprobe_bpm *bpm,
		       const struct gprobe_bpm_spec *specs,
		       const uint64_t *gpas, size_t nr, int *answers)
{
	struct bpm_batch batch;
	int ret = gprobe_bpm_batch_alloc(bpm, &batch, nr);

	if (ret)
		return ret;
	ret = stage_many(bpm, &batch, specs, gpas, nr, answers);
	ret = gprobe_bpm_commit(bpm, &batch, ret);
	gprobe_bpm_batch_free(bpm, &batch);
	return ret;
}

static int translate_many(struct gprobe_bpm *bpm,
			  const struct gprobe_bpm_spec *specs, size_t nr,
			  struct gprobe_translation *translations,
			  uint64_t *gpas)
{
	size_t i;
	int ret;

	for (i = 0; i < nr; i++)
		translations[i] = question(&specs[i]);
	ret = translate(bpm, translations, nr);
	for (i = 0; i < nr && !ret; i++)
		ret = hint_of(&translations[i], &gpas[i]);
	return ret;
}

/**
 * gprobe_bpm_insert_many() - Want many breakpoints, with few calls.
 * @bpm: the table
 * @specs: the claims
 * @nr: how many
 * @answers: gets enum gprobe_bpm_answer for each; or NULL
 *
 * One translation and one batch of the tap for all. All or none.
 *
 * Return: 0; as gprobe_bpm_insert() of the first one that failed, and then
 * @answers is unspecified.
 */
int gprobe_bpm_insert_many(struct gprobe_bpm *bpm,
			   const struct gprobe_bpm_spec *specs, size_t nr,
			   int *answers)
{
	struct gprobe_translation *translations;
	uint64_t *gpas;
	int ret = check_many(specs, nr);

	if (ret || !nr)
		return ret;
	translations = reallocarray(NULL, nr, sizeof(*translations));
	gpas = reallocarray(NULL, nr, sizeof(*gpas));
	ret = translations && gpas ?
	      translate_many(bpm, specs, nr, translations, gpas) : -ENOMEM;
	free(translations);
	if (!ret)
		ret = insert_many(bpm, specs, gpas, nr, answers);
	free(gpas);
	return ret;
}

/**
 * gprobe_bpm_insert_many_at() - The same, knowing where each is mapped.
 * @bpm: the table
 * @specs: the claims
 * @gpas: of each, as for gprobe_bpm_insert_at()
 * @nr: how many
 * @answers: gets enum gprobe_bpm_answer for each; or NULL
 *
 * Return: as gprobe_bpm_insert_many().
 */
int gprobe_bpm_insert_many_at(struct gprobe_bpm *bpm,
			      const struct gprobe_bpm_spec *specs,
			      const uint64_t *gpas, size_t nr, int *answers)
{
	int ret = check_many(specs, nr);
	size_t i;

	for (i = 0; i < nr && !ret; i++)
		if (gpas[i] != GPROBE_BPM_NO_GPA &&
		    !gpa_fits(gpas[i], specs[i].context.gva))
			ret = -EINVAL;
	return ret || !nr ? ret : insert_many(bpm, specs, gpas, nr, answers);
}
