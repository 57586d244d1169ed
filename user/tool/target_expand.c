// SPDX-License-Identifier: GPL-2.0
/*
 * From what people wrote to the probes: a glob becomes many, those of its
 * functions that cannot be probed are left out, and so are those that another
 * probe has. Of those whose return is probed, it is found where they are left.
 */
#include "target.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/unwind.h>

#include "say.h"

/* In a BPF map each has 4 KiB of the kernel's memory. */
#define MAX_PROBES	16384

/* As many have a probe's return and where its function is left. */
#define MAX_PLACES	(4 * MAX_PROBES)

_Static_assert(GPROBE_PROBE_WHOLE == (int)CALL_NONE &&
	       GPROBE_PROBE_ENTRY == (int)CALL_ENTRY &&
	       GPROBE_PROBE_EXIT == (int)CALL_EXIT &&
	       GPROBE_PROBE_MAYBE == (int)CALL_MAYBE,
	       "parts of probes are roles of places");

/* Where a probe's function is left. */
struct exits {
	struct gprobe_probe *all;
	size_t nr;
};

/**
 * struct expansion - what is made of what people wrote
 * @target: gets the probes
 * @space: the guest
 * @origins: of each probe: which of those that were asked for
 * @exits: of each probe that is of a return
 * @failed: of each of these: how many of its probes cannot be
 * @whys: why the first of them cannot
 */
struct expansion {
	struct target *target;
	const struct gprobe_space *space;
	size_t *origins, *failed;
	struct exits *exits;
	struct gprobe_why *whys;
};

static bool is_glob(const struct expansion *expansion, size_t asked)
{
	return gprobe_probe_is_glob(&expansion->target->asked[asked]);
}

/* --- more of them --- */

static bool grow(struct expansion *expansion, size_t room)
{
	struct target *target = expansion->target;
	struct gprobe_fetch **fetches;
	struct gprobe_probe *all;
	struct exits *exits;
	size_t *origins;

	all = reallocarray(target->probes, room, sizeof(*all));
	if (!all)
		return false;
	target->probes = all;
	origins = reallocarray(expansion->origins, room, sizeof(*origins));
	if (!origins)
		return false;
	expansion->origins = origins;
	exits = reallocarray(expansion->exits, room, sizeof(*exits));
	if (!exits)
		return false;
	expansion->exits = exits;
	if (!target->asked_fetches)
		return true;
	fetches = reallocarray(target->fetches, room, sizeof(*fetches));
	if (!fetches)
		return false;
	target->fetches = fetches;
	return true;
}

static int add(struct expansion *expansion, size_t asked,
	       const struct gprobe_probe *probes, size_t nr)
{
	struct target *target = expansion->target;
	size_t room = target->nr_probes + nr, i;

	if (room > MAX_PROBES)
		return say(STATUS_FAILED,
			   "probe '%s': that makes %zu probes, and there can be %u at most",
			   target->asked[asked].text, room, MAX_PROBES);
	if (!grow(expansion, room))
		return say_no_memory();
	for (i = 0; i < nr; i++) {
		target->probes[target->nr_probes] = probes[i];
		if (target->fetches)
			target->fetches[target->nr_probes] =
				target->asked_fetches[asked];
		expansion->exits[target->nr_probes] = (struct exits){ 0 };
		expansion->origins[target->nr_probes++] = asked;
	}
	return STATUS_DONE;
}

static int expand(struct expansion *expansion, size_t asked)
{
	const struct gprobe_probe *glob = &expansion->target->asked[asked];
	struct gprobe_probe *probes;
	struct gprobe_why why;
	size_t nr;
	int status;

	if (!is_glob(expansion, asked))
		return add(expansion, asked, glob, 1);
	if (gprobe_probe_expand(glob, expansion->space, &probes, &nr, &why))
		return say(STATUS_FAILED, "%s", why.text);
	status = add(expansion, asked, probes, nr);
	free(probes);
	return status;
}

/* --- fewer --- */

/* Those that are kept move up. */
static void leave_out(struct expansion *expansion, const bool *out)
{
	struct target *target = expansion->target;
	size_t i, nr = 0;

	for (i = 0; i < target->nr_probes; i++) {
		if (out[i]) {
			free(expansion->exits[i].all);
			continue;
		}
		target->probes[nr] = target->probes[i];
		if (target->fetches)
			target->fetches[nr] = target->fetches[i];
		expansion->exits[nr] = expansion->exits[i];
		expansion->origins[nr++] = expansion->origins[i];
	}
	target->nr_probes = nr;
}

static int find_place(struct expansion *expansion, size_t index,
		      struct gprobe_why *why)
{
	struct gprobe_probe *probe = &expansion->target->probes[index];
	struct exits *exits = &expansion->exits[index];
	int ret = gprobe_probe_resolve(probe, expansion->space, why);

	if (ret || probe->part != GPROBE_PROBE_ENTRY)
		return ret;
	return gprobe_probe_exits(probe, expansion->space, &exits->all,
				  &exits->nr, why);
}

static int resolve(struct expansion *expansion, size_t index, bool *out)
{
	size_t asked = expansion->origins[index];
	struct gprobe_why why;

	progress_step(&expansion->target->progress);
	if (!find_place(expansion, index, &why))
		return STATUS_DONE;
	if (!is_glob(expansion, asked))
		return say(STATUS_FAILED, "%s", why.text);
	if (!expansion->failed[asked]++)
		expansion->whys[asked] = why;
	*out = true;
	return STATUS_DONE;
}

static size_t count_of(const struct expansion *expansion, size_t asked)
{
	size_t count = 0, i;

	for (i = 0; i < expansion->target->nr_probes; i++)
		count += expansion->origins[i] == asked;
	return count;
}

/* Before those that failed are left out. */
static int say_failed(const struct expansion *expansion, size_t asked)
{
	const struct target *target = expansion->target;
	size_t failed = expansion->failed[asked], all;
	bool strict = target->is_strict;

	if (!failed)
		return STATUS_DONE;
	all = count_of(expansion, asked);
	return say(strict || failed == all ? STATUS_FAILED : STATUS_DONE,
		   "%zu of %zu functions of '%s' cannot be probed%s, the first: %s",
		   failed, all, target->asked[asked].text,
		   strict ? ", so none is (--strict)" :
		   failed == all ? "" : " (--strict would refuse that)",
		   expansion->whys[asked].text);
}

static int resolve_all(struct expansion *expansion, bool *out)
{
	struct target *target = expansion->target;
	int status = STATUS_DONE;
	size_t i;

	progress_begin(&target->progress, "looking probes up",
		       target->nr_probes);
	for (i = 0; i < target->nr_probes && !status; i++)
		status = resolve(expansion, i, &out[i]);
	progress_end(&target->progress);
	for (i = 0; i < target->nr_asked && !status; i++)
		status = say_failed(expansion, i);
	if (!status)
		leave_out(expansion, out);
	return status;
}

/* A place that is asked for by itself is no glob's; else the first one's. */
static void find_shared(const struct expansion *expansion,
			const size_t *firsts, bool *out)
{
	size_t i;

	for (i = 0; i < expansion->target->nr_probes; i++) {
		out[i] = false;
		if (firsts[i] == i)
			continue;
		if (is_glob(expansion, expansion->origins[i]))
			out[i] = true;
		else if (is_glob(expansion, expansion->origins[firsts[i]]))
			out[firsts[i]] = true;
	}
}

static int leave_out_shared(struct expansion *expansion, bool *out)
{
	const struct target *target = expansion->target;
	size_t *firsts = calloc(target->nr_probes, sizeof(*firsts));
	struct gprobe_why why;

	if (!firsts ||
	    gprobe_probes_firsts(target->probes, target->nr_probes, firsts)) {
		free(firsts);
		return say_no_memory();
	}
	find_shared(expansion, firsts, out);
	free(firsts);
	leave_out(expansion, out);
	if (gprobe_probes_check(target->probes, target->nr_probes, &why))
		return say(STATUS_FAILED, "%s", why.text);
	return STATUS_DONE;
}

/* --- where they are left --- */

static const struct gprobe_probe *find_jump(const struct exits *exits)
{
	size_t i;

	for (i = 0; i < exits->nr; i++)
		if (exits->all[i].jumps_to)
			return &exits->all[i];
	return NULL;
}

/* Its time is not in the duration: that must not look as if it were. */
static void say_jump(const struct expansion *expansion,
		     const struct gprobe_probe *exit)
{
	const struct gprobe_space *space = expansion->space;
	const struct gprobe_symbol *to = NULL;
	uint64_t offset;

	if (space->symbols && !exit->file[0])
		to = gprobe_symbols_at(space->symbols,
				       exit->jumps_to - space->slide, &offset);
	if (to && !offset)
		say(STATUS_DONE,
		    "probe '%s': the function ends with a jump to %s, whose time is not in the duration",
		    exit->text, to->name);
	else
		say(STATUS_DONE,
		    "probe '%s': the function ends with a jump to %#" PRIx64 ", and the time of what is there is not in the duration",
		    exit->text, exit->jumps_to);
}

static void say_jumps(const struct expansion *expansion, size_t asked)
{
	const struct gprobe_probe *first = NULL, *jump;
	size_t jumps = 0, i;

	for (i = 0; i < expansion->target->nr_probes; i++) {
		jump = expansion->origins[i] == asked ?
		       find_jump(&expansion->exits[i]) : NULL;
		jumps += !!jump;
		first = first ? first : jump;
	}
	if (jumps && is_glob(expansion, asked))
		say(STATUS_DONE,
		    "%zu of %zu functions of '%s', such as '%s', end with a jump to another function, whose time is not in their durations",
		    jumps, count_of(expansion, asked),
		    expansion->target->asked[asked].text, first->text);
	else if (jumps)
		say_jump(expansion, first);
}

static size_t count_places(const struct expansion *expansion)
{
	size_t nr = expansion->target->nr_probes, i;

	for (i = 0; i < expansion->target->nr_probes; i++)
		nr += expansion->exits[i].nr;
	return nr;
}

static void set_place(struct target *target, size_t index, uint32_t probe)
{
	target->places[index] = (struct call_place){
		.probe = probe, .role = target->probes[index].part,
	};
}

static void add_exits(struct target *target, uint32_t probe,
		      const struct exits *exits)
{
	size_t i;

	for (i = 0; i < exits->nr; i++) {
		target->probes[target->nr_places] = exits->all[i];
		set_place(target, target->nr_places++, probe);
	}
}

static int make_places(struct expansion *expansion)
{
	struct target *target = expansion->target;
	size_t nr = count_places(expansion), i;
	struct gprobe_probe *all;

	if (nr > MAX_PLACES)
		return say(STATUS_FAILED,
			   "the probes make %zu places, and there can be %u at most",
			   nr, MAX_PLACES);
	all = reallocarray(target->probes, nr, sizeof(*all));
	target->probes = all ? all : target->probes;
	target->places = calloc(nr, sizeof(*target->places));
	if (!all || !target->places)
		return say_no_memory();
	for (i = 0; i < target->nr_probes; i++)
		set_place(target, i, i);
	target->nr_places = target->nr_probes;
	for (i = 0; i < target->nr_probes; i++)
		add_exits(target, i, &expansion->exits[i]);
	return STATUS_DONE;
}

static int expand_all(struct expansion *expansion)
{
	const struct target *target = expansion->target;
	int status = STATUS_DONE;
	bool *out;
	size_t i;

	for (i = 0; i < target->nr_asked && !status; i++)
		status = expand(expansion, i);
	if (status)
		return status;
	out = calloc(target->nr_probes, sizeof(*out));
	if (!out)
		return say_no_memory();
	status = resolve_all(expansion, out);
	if (!status)
		status = leave_out_shared(expansion, out);
	free(out);
	for (i = 0; i < target->nr_asked && !status; i++)
		say_jumps(expansion, i);
	return status ? status : make_places(expansion);
}

static void free_exits(struct expansion *expansion)
{
	size_t i;

	for (i = 0; expansion->exits && i < expansion->target->nr_probes; i++)
		free(expansion->exits[i].all);
	free(expansion->exits);
}

/**
 * target_expand() - Make the probes of what people wrote, and find their places.
 * @target: found; gets @probes, @places, @fetches and how many there are
 * @space: the guest
 *
 * Return: the exit status.
 */
int target_expand(struct target *target, const struct gprobe_space *space)
{
	struct expansion expansion = {
		.target = target, .space = space,
		.failed = calloc(target->nr_asked, sizeof(*expansion.failed)),
		.whys = calloc(target->nr_asked, sizeof(*expansion.whys)),
	};
	int status = expansion.failed && expansion.whys ?
		     expand_all(&expansion) : say_no_memory();

	free_exits(&expansion);
	free(expansion.whys);
	free(expansion.failed);
	free(expansion.origins);
	return status;
}

/**
 * target_free_probes() - Have no probes any more.
 * @target: at any stage; what was asked for stays the caller's
 */
void target_free_probes(struct target *target)
{
	gprobe_unwind_free(target->unwind);
	free(target->probes);
	free(target->places);
	free(target->fetches);
	free(target->rooted);
	target->rooted = NULL;
	target->unwind = NULL;
	target->probes = NULL;
	target->places = NULL;
	target->fetches = NULL;
	target->nr_probes = 0;
	target->nr_places = 0;
}
