// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the lists of a breakpoint table want, brought into the guest. */
#include <errno.h>

#include "bpm.h"
#include "moot.h"

/* The place or frame stays where it is until the call was made. */
static inline void add_call(const struct gprobe_bpm *bpm,
			    struct gprobe_tap_call *call, uint32_t kind,
			    uint64_t key, void *slot)
{
	*call = (struct gprobe_tap_call){
		.bpm = bpm,
		.own = slot,
		.kind = kind,
		.view = key >> 52,
		.gfn = (key & ((1ULL << 52) - 1)) / GPROBE_PAGE_SIZE,
		.offset = key & PAGE_MASK,
		.ret = -ECANCELED,
	};
}

/* The call that a place needs: GPROBE_TAP_INSERT, REMOVE, UPDATE, or none. */
static uint32_t place_need(const struct bpm_place *place)
{
	bool wanted = place->word & PLACE_HEAD;
	bool in = place->word & PLACE_INSTALLED;

	if (place->word & PLACE_QUEUED)
		return 0;
	if (wanted != in)
		return wanted ? GPROBE_TAP_INSERT : GPROBE_TAP_REMOVE;
	return in && place->word & PLACE_CHANGED ? GPROBE_TAP_UPDATE : 0;
}

static uint32_t frame_need(const struct bpm_frame *frame)
{
	bool in = frame->flags & FRAME_MONITORED;

	if (!!frame->wanted == in || frame->flags & FRAME_QUEUED)
		return 0;
	return frame->wanted ? GPROBE_TAP_MONITOR : GPROBE_TAP_UNMONITOR;
}

static inline size_t queue_place(const struct gprobe_bpm *bpm,
				 struct bpm_place *place, uint64_t key,
				 struct gprobe_tap_call *call)
{
	uint32_t kind = place_need(place);

	if (!kind)
		return 0;
	add_call(bpm, call, kind, key, place);
	call->id = place->id;
	place->word |= PLACE_QUEUED;
	return 1;
}

static inline size_t queue_frame(const struct gprobe_bpm *bpm,
				 struct bpm_frame *frame,
				 struct gprobe_tap_call *call)
{
	uint32_t kind = frame_need(frame);

	if (!kind)
		return 0;
	add_call(bpm, call, kind, frame->key, frame);
	frame->flags |= FRAME_QUEUED;
	return 1;
}

/* What a call did is what is in the guest now. */
static inline void note_place(struct gprobe_bpm *bpm, struct bpm_place *place,
			      const struct gprobe_tap_call *call)
{
	place->word &= ~PLACE_QUEUED;
	if (call->ret)
		return;
	place->word &= ~PLACE_CHANGED;
	place->id = call->id;
	if (call->kind == GPROBE_TAP_UPDATE)
		return;
	place->word ^= PLACE_INSTALLED;
	bpm->installed += call->kind == GPROBE_TAP_INSERT ? 1 : -1;
}

static inline void note_frame(struct gprobe_bpm *bpm, struct bpm_frame *frame,
			      const struct gprobe_tap_call *call)
{
	frame->flags &= ~FRAME_QUEUED;
	if (call->ret)
		return;
	frame->flags ^= FRAME_MONITORED;
	bpm->monitored += call->kind == GPROBE_TAP_MONITOR ? 1 : -1;
}

static inline void note(struct gprobe_bpm *bpm,
			const struct gprobe_tap_call *call)
{
	if (call->kind == GPROBE_TAP_MONITOR ||
	    call->kind == GPROBE_TAP_UNMONITOR)
		note_frame(bpm, call->own, call);
	else
		note_place(bpm, call->own, call);
}

/* What is to be taken from something that is gone is gone, too. */
static bool is_done(const struct gprobe_tap_call *call)
{
	return gprobe_is_moot(call->ret) &&
	       (call->kind == GPROBE_TAP_REMOVE ||
		call->kind == GPROBE_TAP_UNMONITOR);
}

/*
 * Not all of a batch was done. Where the tap stopped at what is gone, it goes
 * on behind that, since that has neither INT3 nor protection. The first error.
 */
static int go_on(struct gprobe_bpm *bpm, struct gprobe_tap_call *calls,
		 size_t nr, int all)
{
	bool moot = true;
	int first = 0;
	size_t i = 0;

	while (i < nr && moot && !first) {
		moot = false;
		if (i)
			all = bpm->tap.ops->call(bpm->tap.arg, calls + i,
						 nr - i);
		for (; i < nr && calls[i].ret != -ECANCELED; i++) {
			if (calls[i].ret && is_done(&calls[i])) {
				calls[i].ret = 0;
				moot = true;
			}
			note(bpm, &calls[i]);
			if (!first)
				first = calls[i].ret;
		}
	}
	if (i < nr && !first)
		first = all ? all : -ECANCELED;
	for (; i < nr; i++)
		note(bpm, &calls[i]);
	return first;
}

/* One batch, if there are any. The first error. */
static int do_calls(struct gprobe_bpm *bpm, struct gprobe_tap_call *calls,
		    size_t nr)
{
	size_t i;
	int ret;

	if (!nr)
		return 0;
	ret = bpm->tap.ops->call(bpm->tap.arg, calls, nr);
	if (ret)
		return go_on(bpm, calls, nr, ret);
	for (i = 0; i < nr; i++)
		note(bpm, &calls[i]);
	return 0;
}

/**
 * gprobe_bpm_locate() - Look up where claims are.
 * @bpm: the table
 * @batch: the claims; gets the frames of their places
 */
void gprobe_bpm_locate(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	size_t i;

	for (i = 0; i < batch->nr; i++)
		batch->frames[i] = bpm_frame(bpm, bpm_claim(bpm,
					     batch->ids[i])->place);
}

/**
 * gprobe_bpm_reconcile() - Make the guest what the lists want at some places.
 * @bpm: the table
 * @batch: claims, located, with these places, in the lists or just taken out of
 *	them
 *
 * All in one batch of the tap: first what concerns INT3s, then protections.
 *
 * Return: 0 or the first error; the tables say what was done all the same.
 */
int gprobe_bpm_reconcile(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	struct bpm_place *place;
	size_t i, nr = 0;
	uint64_t key;

	for (i = 0; i < batch->nr; i++) {
		if (!batch->frames[i])
			continue;
		key = bpm_claim(bpm, batch->ids[i])->place;
		place = bpm_place_in(bpm, batch->frames[i], key);
		if (place)
			nr += queue_place(bpm, place, key, &batch->calls[nr]);
	}
	for (i = 0; i < batch->nr; i++)
		if (batch->frames[i])
			nr += queue_frame(bpm, batch->frames[i],
					  &batch->calls[nr]);
	return do_calls(bpm, batch->calls, nr);
}

static bool other_is_idle(const void *slot)
{
	return bpm_place_is_idle(&((const struct bpm_other *)slot)->place);
}

static bool frame_is_idle(const void *slot)
{
	const struct bpm_frame *frame = slot;

	return !frame->wanted && !frame->others &&
	       !(frame->flags & FRAME_MONITORED) &&
	       bpm_place_is_idle(&frame->place);
}

static void other_forget(struct gprobe_bpm *bpm, struct bpm_frame *frame,
			 uint64_t key)
{
	struct bpm_other *other;

	other = gprobe_slots_find(&bpm->others, key, sizeof(*other));
	if (!other || !other_is_idle(other))
		return;
	gprobe_slots_del(&bpm->others, other, sizeof(*other));
	frame->others--;
}

/**
 * gprobe_bpm_tidy() - Forget places that are neither wanted nor in the guest.
 * @bpm: the table
 * @batch: claims, located, that have, or had, these places
 */
void gprobe_bpm_tidy(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	struct bpm_frame *frame;
	uint64_t key;
	size_t i;

	for (i = 0; i < batch->nr; i++) {
		key = bpm_claim(bpm, batch->ids[i])->place;
		frame = batch->frames[i];
		/* Another claim of the batch may have been the last. */
		if (!frame || frame->key != bpm_frame_key(key))
			continue;
		if (frame->others)
			other_forget(bpm, frame, key);
		if (frame_is_idle(frame))
			gprobe_slots_del(&bpm->frames, frame, sizeof(*frame));
	}
}

/* They go back to where they were; there is room, nothing was tidied. */
static void put_back(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	size_t i;

	for (i = 0; i < batch->nr; i++)
		if (bpm_claim(bpm, batch->ids[i])->root & CLAIM_STAGED)
			gprobe_bpm_place_link(bpm, batch->ids[i]);
	if (gprobe_bpm_reconcile(bpm, batch))
		bpm->unsettled = true;
}

/* The claims are out of the lists, and @ret is what the tap answered. */
static int end_take_out(struct gprobe_bpm *bpm, const struct bpm_batch *batch,
			int ret)
{
	size_t i;

	if (ret)
		put_back(bpm, batch);
	else
		gprobe_bpm_tidy(bpm, batch);
	for (i = 0; i < batch->nr; i++)
		bpm_claim(bpm, batch->ids[i])->root &= ~(uint64_t)CLAIM_STAGED;
	return ret;
}

static void stage_out(struct gprobe_bpm *bpm, uint32_t id,
		      struct bpm_frame *frame)
{
	gprobe_bpm_place_unlink(bpm, id, frame);
	bpm_claim(bpm, id)->root |= CLAIM_STAGED;
}

static int take_out_many(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	size_t i;

	gprobe_bpm_locate(bpm, batch);
	for (i = 0; i < batch->nr; i++)
		if (bpm_claim(bpm, batch->ids[i])->root & CLAIM_ACTIVE)
			stage_out(bpm, batch->ids[i], batch->frames[i]);
	return end_take_out(bpm, batch, gprobe_bpm_reconcile(bpm, batch));
}

/* --- the claim that is alone on its page ------------------------------- */

/* It is, with its INT3 and protection in the guest, and is not global. */
static inline bool is_sole(const struct bpm_claim *claim, uint32_t id,
			   const struct bpm_frame *frame)
{
	return (claim->root & (CLAIM_ACTIVE | CLAIM_GLOBAL)) == CLAIM_ACTIVE &&
	       !claim->links[BPM_PLACE].next &&
	       frame->place.word == (PLACE_INSTALLED | id) &&
	       frame->offset == (claim->place & PAGE_MASK) &&
	       frame->wanted == 1 && !frame->others &&
	       frame->flags == FRAME_MONITORED;
}

/* The tap failed: on as if the claim were one of a batch. */
static __attribute__((noinline)) int
take_out_failed(struct gprobe_bpm *bpm, const struct bpm_batch *batch, int ret)
{
	struct bpm_frame *frame = batch->frames[0];

	frame->place.word |= batch->ids[0];
	frame->wanted = 1;
	stage_out(bpm, batch->ids[0], frame);
	frame->place.word |= PLACE_QUEUED;
	frame->flags |= FRAME_QUEUED;
	return end_take_out(bpm, batch, go_on(bpm, batch->calls, 2, ret));
}

/*
 * What take_out_many() would do, without going through lists that are known to
 * have one element, and without noting what is forgotten at once. It is so
 * short that the CPU begins to fetch what the next one needs before this one is
 * through.
 */
static int take_out_sole(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	struct bpm_claim *claim = bpm_claim(bpm, batch->ids[0]);
	struct bpm_frame *frame = batch->frames[0];
	int ret;

	add_call(bpm, &batch->calls[0], GPROBE_TAP_REMOVE, claim->place,
		 &frame->place);
	batch->calls[0].id = frame->place.id;
	add_call(bpm, &batch->calls[1], GPROBE_TAP_UNMONITOR, frame->key,
		 frame);
	/* The tap may ask who is there. */
	frame->place.word = PLACE_INSTALLED;
	frame->wanted = 0;
	ret = bpm->tap.ops->call(bpm->tap.arg, batch->calls, 2);
	if (ret)
		return take_out_failed(bpm, batch, ret);
	gprobe_slots_del(&bpm->frames, frame, sizeof(*frame));
	claim->root &= ~(uint64_t)CLAIM_ACTIVE;
	bpm->installed--;
	bpm->monitored--;
	bpm->active--;
	bpm->pending++;
	return 0;
}

/**
 * gprobe_bpm_take_out() - Make claims pending, and their INT3s leave.
 * @bpm: the table
 * @batch: the claims; those that are pending already do no harm
 *
 * Return: 0: all are pending now, their @place still says where they were; or
 * what the tap answered: all is as before, or will be once it is settled.
 */
int gprobe_bpm_take_out(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	const struct bpm_claim *claim;

	if (batch->nr != 1)
		return take_out_many(bpm, batch);
	claim = bpm_claim(bpm, batch->ids[0]);
	batch->frames[0] = bpm_frame(bpm, claim->place);
	if (batch->frames[0] &&
	    is_sole(claim, batch->ids[0], batch->frames[0]))
		return take_out_sole(bpm, batch);
	return take_out_many(bpm, batch);
}

/* --- what failed twice ------------------------------------------------- */

static size_t queue_places(struct gprobe_bpm *bpm, size_t max)
{
	size_t cursor = 0, nr = 0;
	struct bpm_frame *frame;
	struct bpm_other *other;

	while (nr < max && (frame = gprobe_slots_next(&bpm->frames, &cursor)))
		nr += queue_place(bpm, &frame->place,
				  frame->key | frame->offset, &bpm->calls[nr]);
	cursor = 0;
	while (nr < max && (other = gprobe_slots_next(&bpm->others, &cursor)))
		nr += queue_place(bpm, &other->place, other->key,
				  &bpm->calls[nr]);
	return nr;
}

static size_t queue_frames(struct gprobe_bpm *bpm, size_t max)
{
	size_t cursor = 0, nr = 0;
	struct bpm_frame *frame;

	while (nr < max && (frame = gprobe_slots_next(&bpm->frames, &cursor)))
		nr += queue_frame(bpm, frame, &bpm->calls[nr]);
	return nr;
}

static int settle_all(struct gprobe_bpm *bpm,
		      size_t (*queue)(struct gprobe_bpm *bpm, size_t max))
{
	size_t nr;
	int ret;

	do {
		nr = queue(bpm, 2 * BPM_CHUNK);
		ret = do_calls(bpm, bpm->calls, nr);
	} while (nr && !ret);
	return ret;
}

static void drop_idle(struct gprobe_bpm *bpm)
{
	const struct bpm_other *other;
	size_t cursor = 0;

	while ((other = gprobe_slots_next(&bpm->others, &cursor)))
		if (other_is_idle(other))
			bpm_frame(bpm, other->key)->others--;
	gprobe_slots_prune(&bpm->others, other_is_idle);
	gprobe_slots_prune(&bpm->frames, frame_is_idle);
}

/**
 * gprobe_bpm_settle() - Finish what a tap that failed twice left undone.
 * @bpm: the table
 *
 * Return: 0, also if there was nothing; or what the tap answered.
 */
int gprobe_bpm_settle(struct gprobe_bpm *bpm)
{
	int ret;

	if (!bpm->unsettled)
		return 0;
	ret = settle_all(bpm, queue_places);
	if (!ret)
		ret = settle_all(bpm, queue_frames);
	if (ret)
		return ret;
	drop_idle(bpm);
	bpm->unsettled = false;
	return 0;
}
