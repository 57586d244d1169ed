// SPDX-License-Identifier: GPL-2.0
#include "snapshot.h"

#include <stdarg.h>
#include <stdlib.h>

#define LINES	4096

struct lines {
	char *lines[LINES];
	size_t nr;
};

static __attribute__((format(printf, 2, 3))) void
add(struct lines *lines, const char *format, ...)
{
	va_list args;

	unit_assert(lines->nr < LINES);
	va_start(args, format);
	unit_assert(vasprintf(&lines->lines[lines->nr++], format, args) > 0);
	va_end(args);
}

static void add_claims(struct lines *lines, const struct rig *rig)
{
	struct gprobe_bpm_claim claim;
	size_t cursor = 0;

	while (gprobe_bpm_next(rig->bpm, &cursor, &claim))
		add(lines, "claim %u %llx %llx %llu %llu %d %llx",
		    claim.spec.view,
		    (unsigned long long)claim.spec.context.gva,
		    (unsigned long long)claim.spec.context.root,
		    (unsigned long long)claim.spec.key,
		    (unsigned long long)claim.spec.tag, claim.spec.global,
		    (unsigned long long)claim.gpa);
}

static void add_page(struct lines *lines, const struct rig *rig,
		     uint32_t view, uint64_t gfn)
{
	const struct fake_page *page = &rig->fake->views[view].pages[gfn];
	uint32_t offset;

	if (page->remapped || page->access != GPROBE_ACCESS_RWX)
		add(lines, "page %u %llx %d %u", view,
		    (unsigned long long)gfn, page->remapped, page->access);
	for (offset = 0; page->remapped && offset < 4096; offset++)
		if (fake_fetch(rig->fake, view, gfn << 12 | offset) !=
		    rig->fake->frames[gfn][offset])
			add(lines, "byte %u %llx", view,
			    (unsigned long long)(gfn << 12 | offset));
}

static void add_guest(struct lines *lines, const struct rig *rig)
{
	const struct fake_tap_thing *thing;
	const struct fake_claim *claim;
	uint32_t view, i;
	uint64_t gfn;

	for (view = 1; view < FAKE_VIEWS; view++)
		for (gfn = 0; gfn < FAKE_FRAMES; gfn++)
			add_page(lines, rig, view, gfn);
	for (i = 0; i < FAKE_CLAIMS; i++) {
		claim = &rig->fake->claims[i];
		if (claim->used)
			add(lines, "int3 %u %llx %llx %llu %llu", claim->view,
			    (unsigned long long)(claim->gfn << 12 |
						 claim->offset),
			    (unsigned long long)claim->root,
			    (unsigned long long)claim->key,
			    (unsigned long long)claim->tag);
	}
	for (i = 0; i < rig->fake_tap->nr; i++) {
		thing = &rig->fake_tap->things[i];
		add(lines, "thing %u %llx %d", thing->view,
		    (unsigned long long)(thing->gfn << 12 | thing->offset),
		    thing->page);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *snapshot(const struct rig *rig)
{
	struct lines *lines = calloc(1, sizeof(*lines));
	char *text = NULL;
	size_t i, bytes;
	FILE *to = open_memstream(&text, &bytes);

	add_claims(lines, rig);
	add_guest(lines, rig);
	qsort(lines->lines, lines->nr, sizeof(*lines->lines), compare);
	for (i = 0; i < lines->nr; i++) {
		fprintf(to, "%s\n", lines->lines[i]);
		free(lines->lines[i]);
	}
	fclose(to);
	free(lines);
	return text;
}
