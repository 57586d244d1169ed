// SPDX-License-Identifier: LGPL-2.1-or-later
/* The breakpoint table: figures, a list for programs, a list for people. */
#include <gprobe/bpm.h>

#include <errno.h>
#include <inttypes.h>

#include "bpm.h"

static uint64_t claims_bytes(const struct gprobe_bpm *bpm)
{
	if (!bpm->nr_chunks)
		return 0;
	return bpm->nr_chunks * sizeof(*bpm->chunks) +
	       (bpm->first_size + ((bpm->nr_chunks - 1ULL) << BPM_CHUNK_BITS)) *
	       sizeof(struct bpm_claim);
}

static bool is_settled(const struct bpm_place *place)
{
	bool in = place->word & PLACE_INSTALLED;

	return in == !!(place->word & PLACE_HEAD) &&
	       !(in && place->word & PLACE_CHANGED);
}

static uint64_t count_unsettled(const struct gprobe_bpm *bpm)
{
	const struct bpm_frame *frame;
	const struct bpm_other *other;
	size_t cursor = 0;
	uint64_t nr = 0;

	while ((frame = gprobe_slots_next(&bpm->frames, &cursor))) {
		nr += !is_settled(&frame->place);
		nr += !!(frame->flags & FRAME_MONITORED) != !!frame->wanted;
	}
	cursor = 0;
	while ((other = gprobe_slots_next(&bpm->others, &cursor)))
		nr += !is_settled(&other->place);
	return nr;
}

/**
 * gprobe_bpm_figures() - Count.
 * @bpm: the table
 * @figures: gets the figures
 */
void gprobe_bpm_figures(const struct gprobe_bpm *bpm,
			struct gprobe_bpm_figures *figures)
{
	*figures = (struct gprobe_bpm_figures){
		.active = bpm->active,
		.pending = bpm->pending,
		.places = bpm->installed,
		.pages = bpm->monitored,
		.unsettled = bpm->unsettled ? count_unsettled(bpm) : 0,
		.bytes = sizeof(*bpm) + claims_bytes(bpm) +
			 gprobe_slots_memory(&bpm->frames) +
			 gprobe_slots_memory(&bpm->others) +
			 gprobe_slots_memory(&bpm->pages) +
			 gprobe_slots_memory(&bpm->rings),
	};
}

/**
 * gprobe_bpm_next() - Go through all claims.
 * @bpm: the table
 * @cursor: 0 at first
 * @claim: gets the next claim
 *
 * The table may be changed meanwhile: a claim that is there all the time comes
 * exactly once.
 *
 * Return: whether there was one.
 */
bool gprobe_bpm_next(const struct gprobe_bpm *bpm, size_t *cursor,
		     struct gprobe_bpm_claim *claim)
{
	const struct bpm_claim *from;

	if (!*cursor)
		*cursor = 1;
	do {
		if (*cursor >= bpm->nr_claims)
			return false;
		from = bpm_claim(bpm, (*cursor)++);
	} while (!(from->root & CLAIM_USED));
	*claim = (struct gprobe_bpm_claim){
		.spec = {
			.context = { .gva = from->gva, .root = bpm_root(from) },
			.key = from->key,
			.tag = from->tag,
			.view = bpm_view(from),
			.global = from->root & CLAIM_GLOBAL,
		},
		.gpa = from->root & CLAIM_ACTIVE ? bpm_gpa(from) :
			GPROBE_BPM_NO_GPA,
	};
	return true;
}

static void dump_claim(const struct gprobe_bpm_claim *claim, FILE *to)
{
	fprintf(to, "view %" PRIu32 " gva 0x%" PRIx64 " root 0x%" PRIx64
		"%s key 0x%" PRIx64 " tag 0x%" PRIx64, claim->spec.view,
		claim->spec.context.gva, claim->spec.context.root,
		claim->spec.global ? " global" : "", claim->spec.key,
		claim->spec.tag);
	if (claim->gpa == GPROBE_BPM_NO_GPA)
		fputs(" pending\n", to);
	else
		fprintf(to, " gpa 0x%" PRIx64 "\n", claim->gpa);
}

/**
 * gprobe_bpm_dump() - List all claims for people.
 * @bpm: the table
 * @to: where it is written, a line of figures and one for each claim
 *
 * Return: 0; -EIO it could not be written.
 */
int gprobe_bpm_dump(const struct gprobe_bpm *bpm, FILE *to)
{
	struct gprobe_bpm_figures figures;
	struct gprobe_bpm_claim claim;
	size_t cursor = 0;

	gprobe_bpm_figures(bpm, &figures);
	fprintf(to, "%" PRIu64 " active, %" PRIu64 " pending, %" PRIu64
		" INT3s on %" PRIu64 " pages, %" PRIu64 " unsettled, %" PRIu64
		" bytes\n", figures.active, figures.pending, figures.places,
		figures.pages, figures.unsettled, figures.bytes);
	while (gprobe_bpm_next(bpm, &cursor, &claim))
		dump_claim(&claim, to);
	return ferror(to) ? -EIO : 0;
}
