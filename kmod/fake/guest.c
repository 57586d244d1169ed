// SPDX-License-Identifier: GPL-2.0
#include "guest.h"

#include <linux/mm.h>
#include <linux/slab.h>

/* gfns above a guest's own memory, for shadow frames. */
#define SPARE_GFNS	1024

static LIST_HEAD(guests);
static DEFINE_SPINLOCK(guests_lock);
static atomic_t nr_closed;

static void free_frames(struct fake_guest *guest)
{
	u64 gfn;

	for (gfn = 0; guest->frames && gfn < guest->nr_gfns; gfn++)
		if (guest->frames[gfn])
			put_page(guest->frames[gfn]);
	kvfree(guest->frames);
}

static void guest_free(struct fake_guest *guest)
{
	unsigned int i;

	fake_p2m_off(guest);
	for (i = 0; i < GPROBE_FAKE_VIEWS; i++)
		kvfree(guest->views[i].entries);
	if (guest->ring)
		put_page(guest->ring);
	free_frames(guest);
	kvfree(guest);
}

static void free_closed(struct work_struct *work)
{
	guest_free(container_of(work, struct fake_guest, free_work));
	atomic_dec(&nr_closed);
}

static int alloc_tables(struct fake_guest *guest)
{
	struct fake_view *view;
	unsigned int i;

	guest->frames = kvcalloc(guest->nr_gfns, sizeof(*guest->frames),
				 GFP_KERNEL);
	if (!guest->frames)
		return -ENOMEM;
	for (i = 1; i < GPROBE_FAKE_VIEWS; i++) {
		view = &guest->views[i];
		view->entries = kvcalloc(guest->nr_gfns, sizeof(*view->entries),
					 GFP_KERNEL);
		if (!view->entries)
			return -ENOMEM;
	}
	return 0;
}

static int alloc_memory(struct fake_guest *guest, u32 pages)
{
	struct page *page;
	u32 gfn;

	for (gfn = 0; gfn < pages; gfn++) {
		page = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!page)
			return -ENOMEM;
		guest->frames[gfn] = page;
	}
	bitmap_set(guest->large, 0, pages / FAKE_LARGE);
	guest->tot_pages = pages;
	guest->max_pages = pages;
	guest->max_gfn = pages - 1;
	guest->ring_gfn = GPROBE_FAKE_RING_GFN(pages);
	return 0;
}

static struct fake_guest *find(u32 domid)
{
	struct fake_guest *guest;

	list_for_each_entry(guest, &guests, node)
		if (guest->domid == domid)
			return guest;
	return NULL;
}

static int publish(struct fake_guest *guest)
{
	int ret = -EEXIST;

	spin_lock_irq(&guests_lock);
	if (!find(guest->domid)) {
		list_add(&guest->node, &guests);
		ret = 0;
	}
	spin_unlock_irq(&guests_lock);
	return ret;
}

static bool makes_sense(const struct gprobe_fake_guest *spec)
{
	return spec->domid && spec->domid < DOMID_FIRST_RESERVED &&
	       spec->vcpus && spec->vcpus <= GPROBE_FAKE_VCPUS_MAX &&
	       spec->pages >= 2 && spec->pages <= GPROBE_FAKE_PAGES_MAX;
}

/**
 * fake_guest_new() - Make a guest.
 * @spec: what it is like
 *
 * Context: Process, may sleep.
 * Return: the guest, or ERR_PTR; -EEXIST its domid is taken.
 */
struct fake_guest *fake_guest_new(const struct gprobe_fake_guest *spec)
{
	struct fake_guest *guest;
	int ret;

	if (!makes_sense(spec))
		return ERR_PTR(-EINVAL);
	guest = kvzalloc(struct_size(guest, vcpus, spec->vcpus), GFP_KERNEL);
	if (!guest)
		return ERR_PTR(-ENOMEM);
	INIT_WORK(&guest->free_work, free_closed);
	refcount_set(&guest->refs, 1);
	spin_lock_init(&guest->lock);
	init_waitqueue_head(&guest->wait);
	guest->domid = spec->domid;
	guest->nr_vcpus = spec->vcpus;
	guest->nr_gfns = spec->pages + SPARE_GFNS;
	ret = alloc_tables(guest) ?: alloc_memory(guest, spec->pages) ?:
	      publish(guest);
	if (ret) {
		guest_free(guest);
		return ERR_PTR(ret);
	}
	return guest;
}

/**
 * fake_guest_die() - A guest is dying from now on.
 * @guest: the guest
 *
 * Context: Process.
 */
void fake_guest_die(struct fake_guest *guest)
{
	spin_lock_irq(&guest->lock);
	guest->dying = true;
	spin_unlock_irq(&guest->lock);
	wake_up_all(&guest->wait);
}

/**
 * fake_guest_del() - A guest's file is closed: it cannot be found any more.
 * @guest: dying; it is freed when nobody maps its memory
 *
 * Context: Process.
 */
void fake_guest_del(struct fake_guest *guest)
{
	spin_lock_irq(&guests_lock);
	list_del(&guest->node);
	spin_unlock_irq(&guests_lock);
	atomic_inc(&nr_closed);
	fake_guest_put(guest);
}

/**
 * fake_guest_get() - Find a guest.
 * @domid: its number
 *
 * Context: Any.
 * Return: the guest, a reference to it; or NULL.
 */
struct fake_guest *fake_guest_get(u32 domid)
{
	struct fake_guest *guest;
	unsigned long flags;

	spin_lock_irqsave(&guests_lock, flags);
	guest = find(domid);
	if (guest)
		refcount_inc(&guest->refs);
	spin_unlock_irqrestore(&guests_lock, flags);
	return guest;
}

/**
 * fake_guest_get_next() - Find the guest with the lowest number from one on.
 * @domid: that number
 *
 * Context: Any.
 * Return: the guest, a reference to it; or NULL.
 */
struct fake_guest *fake_guest_get_next(u32 domid)
{
	struct fake_guest *guest, *next = NULL;
	unsigned long flags;

	spin_lock_irqsave(&guests_lock, flags);
	list_for_each_entry(guest, &guests, node)
		if (guest->domid >= domid &&
		    (!next || guest->domid < next->domid))
			next = guest;
	if (next)
		refcount_inc(&next->refs);
	spin_unlock_irqrestore(&guests_lock, flags);
	return next;
}

/**
 * fake_guest_put() - Drop a reference.
 * @guest: not to be used after
 *
 * Context: Any.
 */
void fake_guest_put(struct fake_guest *guest)
{
	if (refcount_dec_and_test(&guest->refs))
		queue_work(fake_workqueue, &guest->free_work);
}

/**
 * fake_guest_zombies() - How many guests are closed but not gone?
 *
 * Context: Any.
 * Return: how many.
 */
unsigned int fake_guest_zombies(void)
{
	return atomic_read(&nr_closed);
}

static void count_vcpus(const struct fake_guest *guest,
			struct gprobe_fake_state *state)
{
	const struct fake_vcpu *vcpu;
	u32 i;

	for (i = 0; i < guest->nr_vcpus; i++) {
		vcpu = &guest->vcpus[i];
		state->viewed_vcpus += !!vcpu->view;
		state->waiting_vcpus += vcpu->waiting;
		state->queued_vcpus += vcpu->queued;
		state->stepping_vcpus += vcpu->stepping || vcpu->fast;
	}
}

/**
 * fake_guest_state() - Tell a guest's state.
 * @guest: the guest
 * @state: where it goes
 *
 * Context: Process.
 */
void fake_guest_state(struct fake_guest *guest,
		      struct gprobe_fake_state *state)
{
	unsigned int i;

	spin_lock_irq(&guest->lock);
	*state = guest->state;
	state->tot_pages = guest->tot_pages;
	state->max_pages = guest->max_pages;
	state->max_gfn = guest->max_gfn;
	state->pause_count = guest->pause_count;
	for (i = 1; i < GPROBE_FAKE_VIEWS; i++)
		state->views += guest->views[i].used;
	count_vcpus(guest, state);
	state->monitors = guest->monitors;
	state->ctrlregs = guest->settings.ctrlregs;
	state->sync = guest->settings.sync;
	state->msrs = guest->settings.nr_msrs;
	state->altp2m = guest->altp2m;
	state->ring = !!guest->ring;
	state->ring_populated = !!guest->frames[guest->ring_gfn];
	state->maps = guest->maps;
	state->channels = guest->channels;
	state->dying = guest->dying;
	spin_unlock_irq(&guest->lock);
}

/**
 * fake_guest_left() - Leave a guest as an agent does that dies.
 * @guest: nobody has its ring
 * @what: GPROBE_FAKE_LEFT_*
 *
 * Context: Process.
 */
void fake_guest_left(struct fake_guest *guest, unsigned long what)
{
	struct fake_vcpu *vcpu = &guest->vcpus[0];
	u16 view;

	spin_lock_irq(&guest->lock);
	if (!fake_ring_enable(guest))
		fake_p2m_depopulate(guest, guest->ring_gfn);
	guest->monitors |= 1u << GPROBE_XEN_MONITOR_BREAKPOINT;
	if (what & GPROBE_FAKE_LEFT_VIEW) {
		guest->altp2m = true;
		if (!fake_p2m_create(guest, &view))
			fake_p2m_switch(guest, view);
	}
	if (what & GPROBE_FAKE_LEFT_STEPPING)
		vcpu->stepping = true;
	if (what & GPROBE_FAKE_LEFT_WAITING)
		vcpu->waiting = true;
	spin_unlock_irq(&guest->lock);
}
