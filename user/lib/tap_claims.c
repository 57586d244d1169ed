// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Breakpoints whose every claim is one of the driver, with its root. The table
 * says which claims a place is to have; what it has is made that, so a call
 * that failed halfway is completed by the next one about its place.
 */
#include <gprobe/tap.h>

#include <errno.h>
#include <stdlib.h>

#include <gprobe/bpm.h>
#include <gprobe/walk.h>

#include "moot.h"

/* So many calls are handed on at once. */
#define CHUNK	256

/* A claim of the driver; root 0: any. */
struct installed {
	uint64_t key, tag, root;
	uint32_t id;
};

/**
 * struct place - a place that has claims of the driver
 * @view: in which view
 * @offset: in the page
 * @gfn: the page
 * @claims: those that are in
 * @nr: how many
 * @size: how many there is room for
 * @coming: how many may be added by the batch
 * @next: number of the next free, or stray, place
 */
struct place {
	uint32_t view, offset;
	uint64_t gfn;
	struct installed *claims;
	uint32_t nr, size, coming;
	uint32_t next;
};

/* For whom a call of the batch is; @call: NULL: to undo what failed. */
struct task {
	struct gprobe_tap_call *call;
	uint32_t place;
};

/**
 * struct gprobe_tap_claims - the tap
 * @driver: the guest
 * @places: by their number minus one
 * @nr_places: how many there were so far
 * @free: the first free one; 0: none
 * @strays: the first one that the table does not know of, as it failed to be
 *	put in and could not be taken out; 0: none
 * @calls: the batch
 * @tasks: of the batch
 * @nr: of the batch
 */
struct gprobe_tap_claims {
	struct gprobe_driver driver;
	struct place *places;
	uint32_t nr_places, free, strays;
	struct gprobe_call calls[CHUNK];
	struct task tasks[CHUNK];
	size_t nr;
};

static struct place *place_of(const struct gprobe_tap_claims *claims,
			      uint32_t number)
{
	return &claims->places[number - 1];
}

/* --- places --- */

static int place_new(struct gprobe_tap_claims *claims,
		     const struct gprobe_tap_call *call, uint32_t *number)
{
	uint32_t size = claims->nr_places;
	struct place *more;

	*number = claims->free;
	if (*number) {
		claims->free = place_of(claims, *number)->next;
	} else {
		/* Room for a power of two. */
		if (!(size & (size - 1))) {
			more = reallocarray(claims->places,
					    size ? 2 * size : 1,
					    sizeof(*more));
			if (!more)
				return -ENOMEM;
			claims->places = more;
		}
		*number = ++claims->nr_places;
	}
	*place_of(claims, *number) = (struct place){
		.view = call->view, .gfn = call->gfn, .offset = call->offset,
	};
	return 0;
}

static void place_del(struct gprobe_tap_claims *claims, uint32_t number)
{
	struct place *place = place_of(claims, number);

	free(place->claims);
	*place = (struct place){ .next = claims->free };
	claims->free = number;
}

static int reserve(struct place *place)
{
	uint32_t size = place->size ? 2 * place->size : 1;
	struct installed *more;

	if (place->nr + place->coming < place->size)
		return 0;
	more = reallocarray(place->claims, size, sizeof(*more));
	if (!more)
		return -ENOMEM;
	place->claims = more;
	place->size = size;
	return 0;
}

/* --- the batch --- */

static void add_claim(struct place *place, const struct gprobe_call *call)
{
	place->claims[place->nr++] = (struct installed){
		.key = call->key, .tag = call->tag, .root = call->root,
		.id = call->id,
	};
}

static void del_claim(struct place *place, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < place->nr; i++)
		if (place->claims[i].id == id)
			break;
	if (i < place->nr)
		place->claims[i] = place->claims[--place->nr];
}

/* What is gone has no claims any more. */
static int apply(struct place *place, const struct gprobe_call *call)
{
	bool is_new = call->kind == GPROBE_CALL_CLAIM_NEW;

	place->coming -= is_new;
	if (call->ret && (is_new || !gprobe_is_moot(call->ret)))
		return call->ret;
	if (is_new)
		add_claim(place, call);
	else
		del_claim(place, call->id);
	return 0;
}

static void flush(struct gprobe_tap_claims *claims)
{
	struct task *task;
	size_t i;
	int ret;

	if (!claims->nr)
		return;
	ret = claims->driver.ops->call(claims->driver.arg, claims->calls,
				       claims->nr);
	/* None was tried. */
	if (ret && claims->calls[0].ret == -ECANCELED)
		claims->calls[0].ret = ret;
	for (i = 0; i < claims->nr; i++) {
		task = &claims->tasks[i];
		ret = apply(place_of(claims, task->place), &claims->calls[i]);
		if (task->call && !task->call->ret)
			task->call->ret = ret;
	}
	claims->nr = 0;
}

static struct gprobe_call *push(struct gprobe_tap_claims *claims,
				uint32_t kind, const struct task *task)
{
	const struct place *place;
	struct gprobe_call *call;

	if (claims->nr == CHUNK)
		flush(claims);
	place = place_of(claims, task->place);
	call = &claims->calls[claims->nr];
	claims->tasks[claims->nr++] = *task;
	*call = (struct gprobe_call){
		.kind = kind, .view = place->view, .gfn = place->gfn,
		.offset = place->offset, .ret = -ECANCELED,
	};
	return call;
}

static void push_del(struct gprobe_tap_claims *claims, const struct task *task,
		     uint32_t id)
{
	push(claims, GPROBE_CALL_CLAIM_DEL, task)->id = id;
}

static int push_new(struct gprobe_tap_claims *claims, const struct task *task,
		    const struct installed *wish)
{
	struct gprobe_call *call;
	int ret = reserve(place_of(claims, task->place));

	if (ret)
		return ret;
	call = push(claims, GPROBE_CALL_CLAIM_NEW, task);
	call->key = wish->key;
	call->tag = wish->tag;
	call->root = wish->root;
	place_of(claims, task->place)->coming++;
	return 0;
}

/* --- what a place is to have --- */

static bool next_wish(const struct gprobe_tap_call *call, size_t *cursor,
		      struct installed *wish)
{
	uint64_t gpa = call->gfn * GPROBE_PAGE_SIZE + call->offset;
	struct gprobe_bpm_hit hit;

	if (!gprobe_bpm_next_at(call->bpm, call->view, gpa, cursor, &hit))
		return false;
	*wish = (struct installed){
		.key = hit.key, .tag = hit.tag,
		.root = hit.global ? 0 : hit.root,
	};
	return true;
}

static bool is_same(const struct installed *a, const struct installed *b)
{
	return a->key == b->key && a->tag == b->tag && a->root == b->root;
}

static bool is_wanted(const struct gprobe_tap_call *call,
		      const struct installed *claim)
{
	struct installed wish;
	size_t cursor = 0;

	while (next_wish(call, &cursor, &wish))
		if (is_same(&wish, claim))
			return true;
	return false;
}

/* In, or asked for in this batch. */
static bool is_in(const struct gprobe_tap_claims *claims, uint32_t number,
		  const struct installed *wish)
{
	const struct place *place = place_of(claims, number);
	const struct gprobe_call *call;
	size_t i;

	for (i = 0; i < place->nr; i++)
		if (is_same(&place->claims[i], wish))
			return true;
	for (i = claims->nr; i-- && claims->tasks[i].place == number;) {
		call = &claims->calls[i];
		if (call->kind == GPROBE_CALL_CLAIM_NEW &&
		    call->key == wish->key && call->tag == wish->tag &&
		    call->root == wish->root)
			return true;
	}
	return false;
}

static int put_wanted(struct gprobe_tap_claims *claims,
		      const struct task *task)
{
	struct installed wish;
	size_t cursor = 0;
	int ret = 0;

	while (!ret && next_wish(task->call, &cursor, &wish))
		if (!is_in(claims, task->place, &wish))
			ret = push_new(claims, task, &wish);
	return ret;
}

/* A batch that is flushed on the way moves others to where we are. */
static void take_others(struct gprobe_tap_claims *claims,
			const struct task *task, bool all)
{
	const struct place *place = place_of(claims, task->place);
	uint32_t i;

	for (i = place->nr; i--;)
		if (i < place->nr &&
		    (all || !is_wanted(task->call, &place->claims[i])))
			push_del(claims, task, place->claims[i].id);
}

/* --- calls --- */

/* INSERT gets its place; the rest of the call is in the batch. */
static int plan(struct gprobe_tap_claims *claims, struct gprobe_tap_call *call)
{
	struct task task = { .call = call, .place = call->id };
	int ret = 0;

	switch (call->kind) {
	case GPROBE_TAP_INSERT:
		ret = place_new(claims, call, &task.place);
		if (ret)
			return ret;
		call->id = task.place;
		return put_wanted(claims, &task);
	case GPROBE_TAP_UPDATE:
		/* First what comes: the INT3 stays in. */
		ret = put_wanted(claims, &task);
		if (!ret)
			take_others(claims, &task, false);
		return ret;
	case GPROBE_TAP_REMOVE:
		take_others(claims, &task, true);
		return 0;
	default:
		/* The driver protects the pages of its claims. */
		return 0;
	}
}

static void undo(struct gprobe_tap_claims *claims, uint32_t number)
{
	const struct task task = { .place = number };

	take_others(claims, &task, true);
}

/* An INSERT that failed has no effect. */
static void insert_failed(struct gprobe_tap_claims *claims, uint32_t number)
{
	struct place *place = place_of(claims, number);

	undo(claims, number);
	flush(claims);
	if (place->nr) {
		place->next = claims->strays;
		claims->strays = number;
	} else {
		place_del(claims, number);
	}
}

static void finish(struct gprobe_tap_claims *claims,
		   struct gprobe_tap_call *call)
{
	if (call->kind == GPROBE_TAP_REMOVE && !call->ret) {
		place_del(claims, call->id);
	} else if (call->kind == GPROBE_TAP_INSERT && call->ret && call->id) {
		insert_failed(claims, call->id);
		call->id = 0;
	}
}

/* What could not be taken out then. */
static void sweep(struct gprobe_tap_claims *claims)
{
	uint32_t number, next, left = 0;

	for (number = claims->strays; number;
	     number = place_of(claims, number)->next)
		undo(claims, number);
	flush(claims);
	for (number = claims->strays; number; number = next) {
		next = place_of(claims, number)->next;
		if (place_of(claims, number)->nr) {
			place_of(claims, number)->next = left;
			left = number;
		} else {
			place_del(claims, number);
		}
	}
	claims->strays = left;
}

static int call_batch(void *arg, struct gprobe_tap_call *calls, size_t nr)
{
	struct gprobe_tap_claims *claims = arg;
	int first = 0, ret;
	size_t i, tried;

	sweep(claims);
	for (i = 0; i < nr; i++) {
		if (calls[i].kind == GPROBE_TAP_INSERT)
			calls[i].id = 0;
		calls[i].ret = 0;
	}
	for (tried = 0; tried < nr && !first; tried++) {
		ret = plan(claims, &calls[tried]);
		if (ret)
			calls[tried].ret = ret;
		first = calls[tried].ret;
	}
	flush(claims);
	for (i = tried; i < nr; i++)
		calls[i].ret = -ECANCELED;
	first = 0;
	for (i = 0; i < tried; i++) {
		if (!first)
			first = calls[i].ret;
		finish(claims, &calls[i]);
	}
	return first;
}

static bool check(void *arg, const struct gprobe_event *event)
{
	(void)arg;
	return event->kind == GPROBE_EVENT_BREAKPOINT &&
	       event->view != GPROBE_VIEW_HOST;
}

static const struct gprobe_tap_ops ops = {
	.check = check,
	.call = call_batch,
	.each_claim = true,
};

/**
 * gprobe_tap_claims_new() - Make a tap of a driver whose claims have roots.
 * @driver: the guest; copied
 * @claims: for gprobe_tap_claims_free()
 *
 * Return: 0; -EOPNOTSUPP the driver has no such claims; -ENOMEM.
 */
int gprobe_tap_claims_new(const struct gprobe_driver *driver,
			  struct gprobe_tap_claims **claims)
{
	const uint32_t needed = GPROBE_DRIVER_CLAIMS |
				GPROBE_DRIVER_CLAIM_ROOTS;
	struct gprobe_tap_claims *made;

	if ((driver->ops->features & needed) != needed)
		return -EOPNOTSUPP;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->driver = *driver;
	*claims = made;
	return 0;
}

/**
 * gprobe_tap_claims_free() - Free a tap.
 * @claims: or NULL; its table is cleared or freed
 *
 * The guest is not touched.
 */
void gprobe_tap_claims_free(struct gprobe_tap_claims *claims)
{
	uint32_t i;

	if (!claims)
		return;
	for (i = 0; i < claims->nr_places; i++)
		free(claims->places[i].claims);
	free(claims->places);
	free(claims);
}

/**
 * gprobe_tap_claims() - The tap, for one table.
 * @claims: outlives the table
 *
 * Return: the tap.
 */
struct gprobe_tap gprobe_tap_claims(struct gprobe_tap_claims *claims)
{
	return (struct gprobe_tap){ .ops = &ops, .arg = claims };
}
