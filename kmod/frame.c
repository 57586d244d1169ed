// SPDX-License-Identifier: GPL-2.0
#include "frame.h"

#include <linux/err.h>
#include <linux/slab.h>

#include "access.h"
#include "domain.h"
#include "multi.h"
#include "shadow.h"
#include "site.h"
#include "store.h"
#include "view.h"
#include "xen_abi.h"

static int publish(struct gprobe_frame *frame)
{
	struct gprobe_domain *domain = frame->view->domain;
	struct gprobe_table_slot *slots;
	u64 key = gprobe_key(frame->view->id, frame->gfn, 0);

	slots = gprobe_table_grow_alloc(&domain->frames);
	if (IS_ERR(slots))
		return PTR_ERR(slots);
	spin_lock_irq(&domain->event_lock);
	slots = gprobe_table_insert(&domain->frames, slots, key, frame);
	list_add(&frame->node, &frame->view->frames);
	spin_unlock_irq(&domain->event_lock);
	kvfree(slots);
	frame->view->nr_frames++;
	return 0;
}

static void unpublish(struct gprobe_frame *frame)
{
	struct gprobe_domain *domain = frame->view->domain;
	u64 key = gprobe_key(frame->view->id, frame->gfn, 0);

	spin_lock_irq(&domain->event_lock);
	gprobe_table_remove(&domain->frames, key);
	list_del(&frame->node);
	spin_unlock_irq(&domain->event_lock);
	frame->view->nr_frames--;
}

/* Its view does not show it yet. */
static struct gprobe_frame *frame_alloc(struct gprobe_view *view, u64 gfn)
{
	struct gprobe_domain *domain = view->domain;
	struct gprobe_frame *frame = kzalloc(sizeof(*frame), GFP_KERNEL);
	int ret;

	if (!frame)
		return ERR_PTR(-ENOMEM);
	frame->view = view;
	frame->gfn = gfn;
	INIT_LIST_HEAD(&frame->sites);
	INIT_LIST_HEAD(&frame->batch);
	ret = gprobe_map_new(&frame->original, domain->xen.domid, gfn, false);
	if (ret)
		goto err_free;
	frame->shadow = gprobe_shadow_get(&domain->pool, &domain->xen);
	if (IS_ERR(frame->shadow)) {
		ret = PTR_ERR(frame->shadow);
		goto err_unmap;
	}
	ret = publish(frame);
	if (ret)
		goto err_shadow;
	return frame;

err_shadow:
	gprobe_shadow_put(&domain->pool, frame->shadow);
err_unmap:
	gprobe_map_free(&frame->original);
err_free:
	kfree(frame);
	return ERR_PTR(ret);
}

/**
 * gprobe_frame_free() - Forget a frame that its view shows no more.
 * @frame: no sites in it; not to be used after
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_frame_free(struct gprobe_frame *frame)
{
	unpublish(frame);
	list_del(&frame->batch);
	gprobe_shadow_put(&frame->view->domain->pool, frame->shadow);
	gprobe_map_free(&frame->original);
	kfree(frame);
}

static void free_all(struct list_head *frames)
{
	struct gprobe_frame *frame, *next;

	list_for_each_entry_safe(frame, next, frames, batch)
		gprobe_frame_free(frame);
}

/* As many as can be dealt with at once, without those that are in use again. */
static void take_unused(struct list_head *frames, struct list_head *some)
{
	struct gprobe_frame *frame, *next;
	unsigned int nr = 0;

	list_for_each_entry_safe(frame, next, frames, batch) {
		if (nr == GPROBE_MULTI_OBJECTS)
			return;
		nr += !frame->nr_sites;
		if (frame->nr_sites)
			list_del_init(&frame->batch);
		else
			list_move_tail(&frame->batch, some);
	}
}

/*
 * The guest is paused. The view shows the guest's frame again before the shadow frame
 * is free for others. If Xen refuses, the frame stays, with the guest's bytes in it,
 * until its view goes.
 */
static void drop_all(struct gprobe_domain *domain, struct list_head *frames)
{
	struct gprobe_frame *frame, *next;
	LIST_HEAD(some);
	LIST_HEAD(kept);

	while (!list_empty(frames)) {
		take_unused(frames, &some);
		if (list_empty(&some))
			continue;
		gprobe_access_unshow(domain, &some, &kept);
		free_all(&some);
		list_for_each_entry_safe(frame, next, &kept, batch)
			list_del_init(&frame->batch);
	}
}

/**
 * gprobe_frames_drop() - Remove the frames that no site is left in.
 * @domain: the guest, running; it is not gone
 * @frames: those that may be such; it is empty after
 *
 * While vCPUs are always at an event they stay, with the guest's bytes in them, until
 * others are to be dropped.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_frames_drop(struct gprobe_domain *domain, struct list_head *frames)
{
	if (list_empty(frames))
		return;
	list_splice_tail_init(frames, &domain->unused_frames);
	if (gprobe_domain_pause_settled(domain))
		return;
	drop_all(domain, &domain->unused_frames);
	gprobe_xen_unpause(&domain->xen);
}

/*
 * The guest is paused while its frames are copied: no write may fall between.
 * Those that cannot be shown are freed.
 */
static int copy_and_show(struct gprobe_domain *domain, struct list_head *frames)
{
	struct gprobe_frame *frame;
	LIST_HEAD(failed);
	int ret = gprobe_xen_pause(&domain->xen);

	if (ret) {
		free_all(frames);
		return ret;
	}
	list_for_each_entry(frame, frames, batch)
		memcpy(frame->shadow->map.va, frame->original.va, PAGE_SIZE);
	ret = gprobe_access_show(domain, frames, &failed);
	drop_all(domain, &failed);
	gprobe_xen_unpause(&domain->xen);
	return ret;
}

static struct gprobe_frame *frame_new(struct gprobe_view *view, u64 gfn)
{
	struct gprobe_frame *frame = frame_alloc(view, gfn);
	LIST_HEAD(frames);
	int ret;

	if (IS_ERR(frame))
		return frame;
	list_add(&frame->batch, &frames);
	ret = copy_and_show(view->domain, &frames);
	if (ret)
		return ERR_PTR(ret);
	list_del_init(&frame->batch);
	return frame;
}

/**
 * gprobe_frame_find() - Find the probed frame of a gfn.
 * @view: in which view
 * @gfn: which gfn
 *
 * Context: Control lock held.
 * Return: the frame or NULL.
 */
struct gprobe_frame *gprobe_frame_find(const struct gprobe_view *view, u64 gfn)
{
	return gprobe_table_find(&view->domain->frames,
				 gprobe_key(view->id, gfn, 0));
}

/**
 * gprobe_frame_get() - Find the probed frame of a gfn, or make it.
 * @view: in which view
 * @gfn: which gfn
 *
 * Context: Process, control lock held, may sleep.
 * Return: the frame; ERR_PTR, -ENXIO when there is no memory at @gfn: then
 * the guest is as before.
 */
struct gprobe_frame *gprobe_frame_get(struct gprobe_view *view, u64 gfn)
{
	return gprobe_frame_find(view, gfn) ?: frame_new(view, gfn);
}

/**
 * gprobe_frames_prepare() - Make frames that gprobe_frame_get() will be asked for.
 * @view: in which view
 * @gfns: of which there are none yet, each once
 * @nr: how many, not more than GPROBE_MULTI_OBJECTS
 * @unused: gets them, for gprobe_frames_drop() when they should be in use
 *
 * What cannot be made is not said: who asks for it is told.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_frames_prepare(struct gprobe_view *view, const u64 *gfns,
			   unsigned int nr, struct list_head *unused)
{
	struct gprobe_frame *frame;
	LIST_HEAD(frames);
	unsigned int i;

	gprobe_shadow_reserve(&view->domain->pool, nr, &view->domain->xen);
	for (i = 0; i < nr; i++) {
		frame = frame_alloc(view, gfns[i]);
		if (!IS_ERR(frame))
			list_add_tail(&frame->batch, &frames);
	}
	if (!list_empty(&frames))
		copy_and_show(view->domain, &frames);
	list_splice(&frames, unused);
}

/**
 * gprobe_frame_put() - Let go of a frame when no site is left in it.
 * @frame: the frame; not to be used after
 * @dying: only our own side is left to be cleaned
 * @unused: gets it, for gprobe_frames_drop(), unless @dying
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_frame_put(struct gprobe_frame *frame, bool dying,
		      struct list_head *unused)
{
	if (frame->nr_sites)
		return;
	if (dying)
		gprobe_frame_free(frame);
	else
		list_move_tail(&frame->batch, unused);
}

/**
 * gprobe_frame_arm() - Put an INT3 into a frame, or take it out.
 * @frame: the frame
 * @offset: where
 * @on: put or take
 *
 * One byte store; the guest may be running there.
 *
 * Context: Event lock held.
 */
void gprobe_frame_arm(struct gprobe_frame *frame, u32 offset, bool on)
{
	lockdep_assert_held(&frame->view->domain->event_lock);
	__assign_bit(offset, frame->armed, on);
	WRITE_ONCE(frame->shadow->map.va[offset],
		   on ? GPROBE_INT3 : READ_ONCE(frame->original.va[offset]));
}

/* Eight bytes of the guest with the INT3s of the bits set in @armed. */
static u64 with_int3s(u64 bytes, u8 armed)
{
	unsigned int i;

	for (i = 0; armed; i++, armed >>= 1) {
		if (!(armed & 1))
			continue;
		bytes &= ~(0xffULL << (8 * i));
		bytes |= (u64)GPROBE_INT3 << (8 * i);
	}
	return bytes;
}

/* Take the guest's bytes anew; an INT3 of ours is never away meanwhile. */
static void carry(struct gprobe_frame *frame)
{
	const u64 *from = (const u64 *)frame->original.va;
	u64 *to = (u64 *)frame->shadow->map.va;
	unsigned long armed;
	unsigned int i;
	u64 bytes;

	for (i = 0; i < PAGE_SIZE / sizeof(*from); i++) {
		armed = frame->armed[i * 8 / BITS_PER_LONG] >>
			(i * 8 % BITS_PER_LONG);
		bytes = with_int3s(READ_ONCE(from[i]), armed);
		if (to[i] != bytes)
			WRITE_ONCE(to[i], bytes);
	}
}

/**
 * gprobe_frame_wrote() - The guest has written to a probed frame.
 * @domain: the guest
 * @store: where; the vCPU that wrote still waits
 *
 * Context: Event lock held.
 */
void gprobe_frame_wrote(struct gprobe_domain *domain,
			const struct gprobe_store *store)
{
	struct gprobe_frame *frame;
	struct gprobe_view *view;

	lockdep_assert_held(&domain->event_lock);
	list_for_each_entry(view, &domain->views, node)
		list_for_each_entry(frame, &view->frames, node)
			if (gprobe_store_reaches(store, frame->gfn))
				carry(frame);
}
