// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/shadow.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/walk.h>
#include <linux/gprobe.h>

#include "access.h"
#include "moot.h"
#include "slots.h"

#define INT3_BYTE	0xcc

/* So many INT3s are worked off at once. */
#define CHUNK		256

/* So many frames are asked for at once, if there are so many. */
#define POOL_STEP	16

/* An offset of a frame. */
struct place {
	uint32_t count;
	uint16_t offset;
	uint8_t original;
};

/**
 * struct frame - a shadow frame that a view shows, or is about to
 * @next: another view's of the same gfn
 * @gfn: the page
 * @to: the driver's number of the shadow frame
 * @bytes: its content; NULL: it has none yet
 * @places: sorted by offset
 * @nr: how many
 * @size: room in @places
 * @view: in which view
 * @live: INT3s in it, each as often as it was put in
 * @ret: why it could not go
 */
struct frame {
	struct frame *next;
	uint64_t gfn;
	uint64_t to;
	uint8_t *bytes;
	struct place *places;
	uint32_t nr, size;
	uint32_t view;
	uint64_t live;
	int ret;
};

/* A frame of the pool. */
struct pooled {
	uint64_t to;
	void *bytes;
};

/* Slot of an index: gfn + 2 to the frames of all views. */
struct frames_of {
	uint64_t key;
	struct frame *first;
};

/**
 * struct gprobe_shadows - all shadow frames of a guest
 * @driver: the guest
 * @arbiter: of its pages
 * @index: struct frames_of
 * @pool: frames that wait for use
 * @nr_pool: how many
 * @size_pool: room in @pool, enough for all frames there are
 * @nr_frames: in use
 * @nr_int3s: offsets with an INT3
 * @todo: the frames of the batch that goes on
 * @nr_todo: how many
 * @gfns: the batch's array for the driver, as are the next
 * @maps: content of new frames
 * @reasons: of pages' access
 * @calls: what the driver is to do
 */
struct gprobe_shadows {
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_slots index;
	struct pooled *pool;
	size_t nr_pool, size_pool, nr_frames, nr_int3s;
	struct frame *todo[CHUNK];
	size_t nr_todo;
	uint64_t gfns[CHUNK];
	const void *maps[CHUNK];
	struct gprobe_access_reason reasons[CHUNK];
	struct gprobe_call calls[2 * CHUNK];
};

/**
 * gprobe_shadow_new() - Begin without shadow frames.
 * @driver: the guest, with GPROBE_DRIVER_SHADOWS; copied
 * @arbiter: of its pages; outlives the shadows
 * @shadows: gets them
 *
 * Return: 0; -EOPNOTSUPP the driver has no shadow frames; -ENOMEM.
 */
int gprobe_shadow_new(const struct gprobe_driver *driver,
		      struct gprobe_access_arbiter *arbiter,
		      struct gprobe_shadows **shadows)
{
	if (!(driver->ops->features & GPROBE_DRIVER_SHADOWS))
		return -EOPNOTSUPP;
	*shadows = calloc(1, sizeof(**shadows));
	if (!*shadows)
		return -ENOMEM;
	(*shadows)->driver = *driver;
	(*shadows)->arbiter = arbiter;
	gprobe_slots_init(&(*shadows)->index, sizeof(struct frames_of));
	return 0;
}

static void give_back(struct gprobe_shadows *shadows, uint64_t to, void *bytes)
{
	shadows->driver.ops->shadow_free(shadows->driver.arg, 1, &to, &bytes);
}

static void frame_free(struct frame *frame)
{
	free(frame->places);
	free(frame);
}

/**
 * gprobe_shadow_free() - Return all frames to the driver.
 * @shadows: with no INT3s in them, or whose views are gone; or NULL
 */
void gprobe_shadow_free(struct gprobe_shadows *shadows)
{
	struct frames_of *slot;
	struct frame *frame;
	size_t cursor = 0;

	if (!shadows)
		return;
	while ((slot = gprobe_slots_next(&shadows->index, &cursor)))
		while ((frame = slot->first)) {
			slot->first = frame->next;
			give_back(shadows, frame->to, frame->bytes);
			frame_free(frame);
		}
	while (shadows->nr_pool) {
		shadows->nr_pool--;
		give_back(shadows, shadows->pool[shadows->nr_pool].to,
			  shadows->pool[shadows->nr_pool].bytes);
	}
	gprobe_slots_free(&shadows->index);
	free(shadows->pool);
	free(shadows);
}

/* --- what is where ----------------------------------------------------- */

static struct frames_of *frames_of(const struct gprobe_shadows *shadows,
				   uint64_t gfn)
{
	return gprobe_slots_find(&shadows->index, gfn + 2,
				 sizeof(struct frames_of));
}

static struct frame *find(const struct gprobe_shadows *shadows, uint32_t view,
			  uint64_t gfn)
{
	const struct frames_of *slot = frames_of(shadows, gfn);
	struct frame *frame;

	for (frame = slot ? slot->first : NULL; frame; frame = frame->next)
		if (frame->view == view)
			break;
	return frame;
}

static struct frame *frame_new(struct gprobe_shadows *shadows, uint32_t view,
			       uint64_t gfn)
{
	struct frames_of *slot;
	struct frame *frame;

	if (gprobe_slots_reserve(&shadows->index, 1))
		return NULL;
	frame = calloc(1, sizeof(*frame));
	if (!frame)
		return NULL;
	frame->view = view;
	frame->gfn = gfn;
	slot = frames_of(shadows, gfn);
	if (!slot)
		slot = gprobe_slots_add(&shadows->index, gfn + 2);
	frame->next = slot->first;
	slot->first = frame;
	shadows->nr_frames++;
	return frame;
}

static void frame_del(struct gprobe_shadows *shadows, struct frame *frame)
{
	struct frames_of *slot = frames_of(shadows, frame->gfn);
	struct frame **link = &slot->first;

	while (*link != frame)
		link = &(*link)->next;
	*link = frame->next;
	if (!slot->first)
		gprobe_slots_del(&shadows->index, slot, sizeof(*slot));
	if (frame->bytes)
		shadows->pool[shadows->nr_pool++] = (struct pooled){
			.to = frame->to, .bytes = frame->bytes,
		};
	shadows->nr_frames--;
	shadows->nr_int3s -= frame->nr;
	frame_free(frame);
}

/* The first place at or behind an offset. */
static uint32_t place_at(const struct frame *frame, uint32_t offset)
{
	uint32_t low = 0, high = frame->nr, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (frame->places[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct place *place_find(const struct frame *frame, uint32_t offset)
{
	uint32_t at = place_at(frame, offset);

	return at < frame->nr && frame->places[at].offset == offset ?
		&frame->places[at] : NULL;
}

static int place_get(struct gprobe_shadows *shadows, struct frame *frame,
		     uint32_t offset)
{
	struct place *place = place_find(frame, offset);
	uint32_t at, size;

	if (place) {
		place->count++;
		frame->live++;
		return 0;
	}
	if (frame->nr == frame->size) {
		size = frame->size ? frame->size * 2 : 2;
		place = reallocarray(frame->places, size, sizeof(*place));
		if (!place)
			return -ENOMEM;
		frame->places = place;
		frame->size = size;
	}
	at = place_at(frame, offset);
	place = &frame->places[at];
	memmove(place + 1, place, (frame->nr - at) * sizeof(*place));
	frame->nr++;
	frame->live++;
	shadows->nr_int3s++;
	*place = (struct place){ .count = 1, .offset = offset };
	if (frame->bytes) {
		place->original = frame->bytes[offset];
		frame->bytes[offset] = INT3_BYTE;
	}
	return 0;
}

static void place_del(struct gprobe_shadows *shadows, struct frame *frame,
		      struct place *place)
{
	frame->bytes[place->offset] = place->original;
	frame->nr--;
	shadows->nr_int3s--;
	memmove(place, place + 1,
		(char *)&frame->places[frame->nr] - (char *)place);
}

/* --- content ----------------------------------------------------------- */

/* The guest's bytes from @offset on, with ours over them, into the frame. */
static void carry(struct frame *frame, uint32_t offset, const uint8_t *guest,
		  size_t bytes)
{
	uint8_t wanted[GPROBE_PAGE_SIZE];
	struct place *place;
	size_t i;

	memcpy(wanted, guest, bytes);
	for (i = place_at(frame, offset); i < frame->nr; i++) {
		place = &frame->places[i];
		if (place->offset >= offset + bytes)
			break;
		place->original = guest[place->offset - offset];
		wanted[place->offset - offset] = INT3_BYTE;
	}
	/* vCPUs run here: an INT3 is never away, not even for a moment. */
	for (i = 0; i < bytes; i++)
		if (frame->bytes[offset + i] != wanted[i])
			frame->bytes[offset + i] = wanted[i];
}

/**
 * gprobe_shadow_wrote() - Carry what the guest wrote into the shadow frames.
 * @shadows: the shadow frames
 * @gpa: where it wrote
 * @bytes: how many, of which those in other frames are not looked at; 0: not
 *	known
 *
 * To be called after the write was done, in all views' name. INT3s stay, and
 * what was written under them is what removing them brings back.
 *
 * Return: 0, also where there is no shadow frame; -EINVAL an impossible
 * address; what the driver answered: the shadow frames are as they were.
 */
int gprobe_shadow_wrote(struct gprobe_shadows *shadows, uint64_t gpa,
			size_t bytes)
{
	uint64_t gfn = gpa / GPROBE_PAGE_SIZE;
	uint32_t offset = gpa % GPROBE_PAGE_SIZE;
	uint8_t guest[GPROBE_PAGE_SIZE];
	const struct frames_of *slot;
	struct frame *frame;
	int ret;

	if (gfn >> GPROBE_GFN_BITS)
		return -EINVAL;
	slot = frames_of(shadows, gfn);
	if (!slot)
		return 0;
	if (!bytes) {
		offset = 0;
		bytes = GPROBE_PAGE_SIZE;
	}
	if (bytes > GPROBE_PAGE_SIZE - offset)
		bytes = GPROBE_PAGE_SIZE - offset;
	ret = shadows->driver.ops->read(shadows->driver.arg, gfn, offset,
					guest, bytes);
	if (ret)
		return ret;
	for (frame = slot->first; frame; frame = frame->next)
		carry(frame, offset, guest, bytes);
	return 0;
}

/**
 * gprobe_shadow_original() - What stands under an INT3.
 * @shadows: the shadow frames
 * @view: in which view
 * @gpa: where
 * @byte: gets the guest's own byte; it may be an INT3, too
 *
 * Return: 0; -ENOENT there is no INT3 of ours.
 */
int gprobe_shadow_original(const struct gprobe_shadows *shadows, uint32_t view,
			   uint64_t gpa, uint8_t *byte)
{
	const struct frame *frame;
	const struct place *place;

	frame = find(shadows, view, gpa / GPROBE_PAGE_SIZE);
	place = frame ? place_find(frame, gpa % GPROBE_PAGE_SIZE) : NULL;
	if (!place)
		return -ENOENT;
	*byte = place->original;
	return 0;
}

/* --- inserting --------------------------------------------------------- */

static bool is_valid(const struct gprobe_int3 *int3)
{
	return int3->view != GPROBE_VIEW_HOST &&
	       !(int3->gfn >> GPROBE_GFN_BITS) &&
	       int3->offset < GPROBE_PAGE_SIZE;
}

/* Note an INT3; one on a page without a frame makes the page a thing to do. */
static int stage(struct gprobe_shadows *shadows, const struct gprobe_int3 *int3)
{
	struct frame *frame;
	int ret;

	if (!is_valid(int3))
		return -EINVAL;
	frame = find(shadows, int3->view, int3->gfn);
	if (!frame) {
		frame = frame_new(shadows, int3->view, int3->gfn);
		if (!frame)
			return -ENOMEM;
		shadows->todo[shadows->nr_todo++] = frame;
	}
	ret = place_get(shadows, frame, int3->offset);
	if (ret && !frame->nr) {
		shadows->nr_todo--;
		frame_del(shadows, frame);
	}
	return ret;
}

static int pool_grow(struct gprobe_shadows *shadows, size_t nr)
{
	const struct gprobe_driver *driver = &shadows->driver;
	uint64_t gfns[CHUNK];
	void *maps[CHUNK];
	size_t i;
	int ret;

	ret = driver->ops->shadow_alloc(driver->arg, nr, gfns, maps);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++)
		shadows->pool[shadows->nr_pool++] = (struct pooled){
			.to = gfns[i], .bytes = maps[i],
		};
	return 0;
}

/* Have @nr frames in the pool. */
static int pool_fill(struct gprobe_shadows *shadows, size_t nr)
{
	size_t more, all = shadows->nr_frames + shadows->nr_pool + POOL_STEP;
	struct pooled *pool;
	int ret = -ENOMEM;

	if (nr <= shadows->nr_pool)
		return 0;
	if (all > shadows->size_pool) {
		all *= 2;
		pool = reallocarray(shadows->pool, all, sizeof(*pool));
		if (!pool)
			return -ENOMEM;
		shadows->pool = pool;
		shadows->size_pool = all;
	}
	more = nr - shadows->nr_pool;
	if (more < POOL_STEP)
		ret = pool_grow(shadows, POOL_STEP);
	/* The guest's limit may leave room for fewer. */
	return ret ? pool_grow(shadows, more) : 0;
}

static struct gprobe_access_reason reason_of(const struct frame *frame)
{
	return (struct gprobe_access_reason){
		.view = frame->view, .gfn = frame->gfn,
		.allowed = GPROBE_ACCESS_X,
	};
}

static void release_all(struct gprobe_shadows *shadows)
{
	size_t i;

	for (i = 0; i < shadows->nr_todo; i++)
		gprobe_access_release(shadows->arbiter, &shadows->reasons[i]);
}

/* Give each page to be done a frame with the guest's bytes and our INT3s. */
static int prepare(struct gprobe_shadows *shadows)
{
	const struct gprobe_driver *driver = &shadows->driver;
	struct pooled *pooled;
	struct frame *frame;
	size_t i;
	int ret;

	for (i = 0; i < shadows->nr_todo; i++) {
		shadows->reasons[i] = reason_of(shadows->todo[i]);
		shadows->gfns[i] = shadows->todo[i]->gfn;
	}
	ret = pool_fill(shadows, shadows->nr_todo);
	if (ret)
		return ret;
	ret = gprobe_access_hold_many(shadows->arbiter, shadows->reasons,
				      shadows->nr_todo);
	if (ret)
		return ret;
	ret = driver->ops->frame_get(driver->arg, shadows->gfns,
				     shadows->nr_todo, shadows->maps);
	if (ret) {
		release_all(shadows);
		return ret;
	}
	for (i = 0; i < shadows->nr_todo; i++) {
		frame = shadows->todo[i];
		pooled = &shadows->pool[--shadows->nr_pool];
		frame->to = pooled->to;
		frame->bytes = pooled->bytes;
		carry(frame, 0, shadows->maps[i], GPROBE_PAGE_SIZE);
	}
	return 0;
}

static struct gprobe_call remap_call(const struct gprobe_shadows *shadows,
				     const struct frame *frame)
{
	return (struct gprobe_call){
		.kind = GPROBE_CALL_REMAP,
		.view = frame->view,
		.gfn = frame->gfn,
		.to = frame->to,
		.access = gprobe_access_effective(shadows->arbiter,
						  frame->view, frame->gfn),
		.ret = -ECANCELED,
	};
}

static int remap(struct gprobe_shadows *shadows)
{
	const struct gprobe_driver *driver = &shadows->driver;
	size_t i;

	for (i = 0; i < shadows->nr_todo; i++)
		shadows->calls[i] = remap_call(shadows, shadows->todo[i]);
	return driver->ops->call(driver->arg, shadows->calls,
				 shadows->nr_todo);
}

/* Keep the frames that the view shows now, drop the others. */
static void keep_done(struct gprobe_shadows *shadows)
{
	const struct gprobe_driver *driver = &shadows->driver;
	struct frame *frame;
	size_t i;

	for (i = 0; i < shadows->nr_todo; i++) {
		frame = shadows->todo[i];
		if (!shadows->calls[i].ret) {
			gprobe_access_applied(shadows->arbiter, frame->view,
					      frame->gfn,
					      shadows->calls[i].access);
			/* What was written before writes came as events. */
			carry(frame, 0, shadows->maps[i], GPROBE_PAGE_SIZE);
		}
		driver->ops->frame_put(driver->arg, frame->gfn,
				       shadows->maps[i]);
		if (shadows->calls[i].ret) {
			gprobe_access_release(shadows->arbiter,
					      &shadows->reasons[i]);
			frame_del(shadows, frame);
		}
	}
}

static void drop_all(struct gprobe_shadows *shadows)
{
	size_t i;

	for (i = 0; i < shadows->nr_todo; i++)
		frame_del(shadows, shadows->todo[i]);
}

static int insert_chunk(struct gprobe_shadows *shadows,
			struct gprobe_int3 *int3s, size_t nr)
{
	int ret = 0, first = 0;
	size_t i;

	shadows->nr_todo = 0;
	for (i = 0; i < nr; i++)
		int3s[i].ret = stage(shadows, &int3s[i]);
	if (shadows->nr_todo) {
		ret = prepare(shadows);
		if (ret) {
			drop_all(shadows);
		} else {
			ret = remap(shadows);
			keep_done(shadows);
		}
	}
	for (i = 0; i < nr; i++) {
		/* Its page may not have got a frame. */
		if (!int3s[i].ret && !find(shadows, int3s[i].view,
					   int3s[i].gfn))
			int3s[i].ret = ret;
		if (int3s[i].ret && !first)
			first = int3s[i].ret;
	}
	return first;
}

/**
 * gprobe_shadow_insert() - Put INT3s into a guest.
 * @shadows: the shadow frames
 * @int3s: where; each gets its answer
 * @nr: how many
 *
 * The first INT3 on a page remaps and protects it. One that is there is
 * counted. For each 256: one batch of what new pages allow, one of remaps, one
 * mapping of frames, and now and then one allocation of shadow frames.
 *
 * Return: 0 or the first error; those with @ret 0 are in all the same.
 */
int gprobe_shadow_insert(struct gprobe_shadows *shadows,
			 struct gprobe_int3 *int3s, size_t nr)
{
	int ret, first = 0;
	size_t part;

	for (; nr; nr -= part, int3s += part) {
		part = nr < CHUNK ? nr : CHUNK;
		ret = insert_chunk(shadows, int3s, part);
		if (ret && !first)
			first = ret;
	}
	return first;
}

/* --- removing ---------------------------------------------------------- */

/* Hide nothing any more; what the page allows without us comes with it. */
static void add_unmap(struct gprobe_shadows *shadows, struct frame *frame)
{
	struct gprobe_access_reason reason = reason_of(frame);
	struct gprobe_call *calls = &shadows->calls[2 * shadows->nr_todo];

	calls[0] = (struct gprobe_call){
		.kind = GPROBE_CALL_UNMAP, .view = frame->view,
		.gfn = frame->gfn, .ret = -ECANCELED,
	};
	calls[1] = calls[0];
	calls[1].kind = GPROBE_CALL_ACCESS_SET;
	calls[1].access = gprobe_access_without(shadows->arbiter, &reason);
	shadows->reasons[shadows->nr_todo] = reason;
	shadows->todo[shadows->nr_todo++] = frame;
}

/* Note a removal; the INT3 is there until the page's fate is known. */
static int unstage(struct gprobe_shadows *shadows,
		   const struct gprobe_int3 *int3)
{
	struct frame *frame = find(shadows, int3->view, int3->gfn);
	struct place *place = frame ? place_find(frame, int3->offset) : NULL;

	if (!place || !place->count)
		return -ENOENT;
	place->count--;
	frame->live--;
	if (!frame->live)
		add_unmap(shadows, frame);
	return 0;
}

/* As one batch; more where the driver stops at what is gone. The first error. */
static int do_unmaps(struct gprobe_shadows *shadows)
{
	const struct gprobe_driver *driver = &shadows->driver;
	struct gprobe_call *calls = shadows->calls;
	size_t i = 0, nr = 2 * shadows->nr_todo;
	int first = 0, all = 0;
	bool moot = true;

	while (i < nr && moot && !first) {
		moot = false;
		all = driver->ops->call(driver->arg, calls + i, nr - i);
		for (; i < nr && calls[i].ret != -ECANCELED; i++) {
			if (gprobe_is_moot(calls[i].ret)) {
				calls[i].ret = 0;
				moot = true;
			}
			if (!first)
				first = calls[i].ret;
		}
	}
	return i < nr && !first ? all : first;
}

/* One call of a pair was done and the other was not: as before, if possible. */
static int undo_half(struct gprobe_shadows *shadows, struct frame *frame,
		     uint32_t kind)
{
	const struct gprobe_driver *driver = &shadows->driver;
	struct gprobe_call call = remap_call(shadows, frame);

	call.kind = kind;
	driver->ops->call(driver->arg, &call, 1);
	return call.ret;
}

/* The answer of a pair (UNMAP, ACCESS_SET). True: the frame is away. */
static bool is_unmapped(struct gprobe_shadows *shadows, struct frame *frame,
			const struct gprobe_call *calls, int err)
{
	if (calls[0].ret) {
		frame->ret = calls[0].ret == -ECANCELED ? err : calls[0].ret;
		if (!calls[1].ret &&
		    undo_half(shadows, frame, GPROBE_CALL_ACCESS_SET))
			gprobe_access_lost(shadows->arbiter, frame->view,
					   frame->gfn);
		return false;
	}
	if (calls[1].ret && !undo_half(shadows, frame, GPROBE_CALL_REMAP)) {
		frame->ret = calls[1].ret == -ECANCELED ? err : calls[1].ret;
		return false;
	}
	return true;
}

static void note_unmaps(struct gprobe_shadows *shadows, int err)
{
	const struct gprobe_call *calls = shadows->calls;
	struct frame *frame;
	size_t i;

	for (i = 0; i < shadows->nr_todo; i++, calls += 2) {
		frame = shadows->todo[i];
		if (!is_unmapped(shadows, frame, calls, err))
			continue;
		gprobe_access_applied(shadows->arbiter, frame->view,
				      frame->gfn, calls[1].access);
		/* The view's default is there now, which is none of ours. */
		if (calls[1].ret)
			gprobe_access_lost(shadows->arbiter, frame->view,
					   frame->gfn);
		gprobe_access_release(shadows->arbiter, &shadows->reasons[i]);
	}
}

/* The INT3 goes, or stays if its page's frame could not go. */
static void finish(struct gprobe_shadows *shadows, struct gprobe_int3 *int3)
{
	struct frame *frame = find(shadows, int3->view, int3->gfn);
	struct place *place = place_find(frame, int3->offset);

	if (frame->ret) {
		int3->ret = frame->ret;
		place->count++;
		frame->live++;
	} else if (place && !place->count) {
		place_del(shadows, frame, place);
	}
}

static int remove_chunk(struct gprobe_shadows *shadows,
			struct gprobe_int3 *int3s, size_t nr)
{
	int first = 0;
	size_t i;

	shadows->nr_todo = 0;
	for (i = 0; i < nr; i++)
		int3s[i].ret = unstage(shadows, &int3s[i]);
	if (shadows->nr_todo)
		note_unmaps(shadows, do_unmaps(shadows));
	for (i = 0; i < nr; i++) {
		if (!int3s[i].ret)
			finish(shadows, &int3s[i]);
		if (int3s[i].ret && !first)
			first = int3s[i].ret;
	}
	for (i = 0; i < shadows->nr_todo; i++) {
		if (shadows->todo[i]->ret)
			shadows->todo[i]->ret = 0;
		else
			frame_del(shadows, shadows->todo[i]);
	}
	return first;
}

/**
 * gprobe_shadow_remove() - Take INT3s out of a guest.
 * @shadows: the shadow frames
 * @int3s: where; each gets its answer
 * @nr: how many
 *
 * An INT3 that was put in more than once stays until it is removed as often.
 * When the last one leaves a page, the view shows the guest's own frame again,
 * with what other reasons allow. One batch for each 256; no memory is needed.
 * That the view, the frame or the guest is gone is success.
 *
 * Return: 0 or the first error, -ENOENT for what is not there; those with
 * @ret 0 are out all the same, the others in.
 */
int gprobe_shadow_remove(struct gprobe_shadows *shadows,
			 struct gprobe_int3 *int3s, size_t nr)
{
	int ret, first = 0;
	size_t part;

	for (; nr; nr -= part, int3s += part) {
		part = nr < CHUNK ? nr : CHUNK;
		ret = remove_chunk(shadows, int3s, part);
		if (ret && !first)
			first = ret;
	}
	return first;
}

/**
 * gprobe_shadow_figures() - Count.
 * @shadows: the shadow frames
 * @figures: gets the figures
 */
void gprobe_shadow_figures(const struct gprobe_shadows *shadows,
			   struct gprobe_shadow_figures *figures)
{
	*figures = (struct gprobe_shadow_figures){
		.frames = shadows->nr_frames,
		.pooled = shadows->nr_pool,
		.int3s = shadows->nr_int3s,
	};
}
