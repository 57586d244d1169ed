// SPDX-License-Identifier: GPL-2.0
#include "fake_driver.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

static const char *const access_names[] = {
	"n", "r", "w", "rw", "x", "rx", "wx", "rwx",
};

static __attribute__((format(printf, 2, 3))) void
say(struct fake_driver *fake, const char *format, ...)
{
	size_t length = strlen(fake->log);
	va_list args;

	if (length > FAKE_LOG - 128)
		return;
	va_start(args, format);
	vsnprintf(fake->log + length, FAKE_LOG - length, format, args);
	va_end(args);
}

/* Does this step fail? */
static int fault(struct fake_driver *fake)
{
	fake->steps++;
	if (!fake->fault_at || fake->steps < fake->fault_at)
		return 0;
	if (fake->steps > fake->fault_at && !fake->broken)
		return 0;
	return fake->fault_err;
}

static int translate(void *arg, struct gprobe_translation *translations,
		     size_t nr)
{
	struct fake_driver *fake = arg;
	struct gprobe_translation *t;
	unsigned int i;
	int ret;

	fake->trips++;
	ret = fault(fake);
	if (ret)
		return ret;
	for (t = translations; t < translations + nr; t++) {
		unit_assert(!(t->root & 0xfff));
		t->ret = fake->translate_err ? fake->translate_err : -ENXIO;
		for (i = 0; i < fake->nr_mappings && t->ret == -ENXIO; i++) {
			if (fake->mappings[i].root != t->root ||
			    fake->mappings[i].page != t->gva >> 12)
				continue;
			t->gpa = fake->mappings[i].gfn << 12 |
				 (t->gva & 0xfff);
			t->ret = 0;
		}
	}
	return 0;
}

static bool is_there(const struct fake_driver *fake, uint64_t gfn)
{
	return gfn < FAKE_FRAMES && !fake->missing[gfn];
}

static int read_frame(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		      size_t bytes)
{
	struct fake_driver *fake = arg;
	int ret;

	fake->trips++;
	ret = fault(fake);
	if (ret)
		return ret;
	unit_assert(offset + bytes <= 4096);
	if (!is_there(fake, gfn))
		return -ENXIO;
	memcpy(buffer, fake->frames[gfn] + offset, bytes);
	return 0;
}

static int frame_get(void *arg, const uint64_t *gfns, size_t nr,
		     const void **maps)
{
	struct fake_driver *fake = arg;
	size_t i;
	int ret;

	fake->trips++;
	ret = fault(fake);
	for (i = 0; i < nr && !ret; i++)
		if (!is_there(fake, gfns[i]))
			ret = -ENXIO;
	if (ret)
		return ret;
	for (i = 0; i < nr; i++)
		maps[i] = fake->frames[gfns[i]];
	fake->gotten += nr;
	return 0;
}

static void frame_put(void *arg, uint64_t gfn, const void *map)
{
	struct fake_driver *fake = arg;

	unit_assert(map == fake->frames[gfn]);
	unit_assert(fake->gotten);
	fake->gotten--;
}

static uint8_t *shadow_bytes(struct fake_driver *fake, uint64_t gfn)
{
	unit_assert(gfn >= FAKE_SHADOW_GFN &&
		    gfn < FAKE_SHADOW_GFN + FAKE_SHADOWS);
	return fake->shadows[gfn - FAKE_SHADOW_GFN];
}

static int shadow_alloc(void *arg, size_t nr, uint64_t *gfns, void **maps)
{
	struct fake_driver *fake = arg;
	size_t i, n = 0;
	void *bytes;
	int ret;

	fake->trips++;
	ret = fault(fake);
	if (!ret && fake->room && fake_shadows_used(fake) + nr > fake->room)
		ret = -ENOMEM;
	if (ret)
		return ret;
	for (i = 0; i < FAKE_SHADOWS && n < nr; i++) {
		if (fake->shadows[i])
			continue;
		/* posix_memalign(): not memory that is refused. */
		unit_assert(!posix_memalign(&bytes, 4096, 4096));
		fake->shadows[i] = memset(bytes, 0, 4096);
		gfns[n] = FAKE_SHADOW_GFN + i;
		maps[n++] = fake->shadows[i];
	}
	unit_assert(n == nr);
	say(fake, "alloc ");
	return 0;
}

static void shadow_free(void *arg, size_t nr, const uint64_t *gfns,
			void *const *maps)
{
	struct fake_driver *fake = arg;
	size_t i;

	for (i = 0; i < nr; i++) {
		unit_assert(shadow_bytes(fake, gfns[i]) == maps[i]);
		free(maps[i]);
		fake->shadows[gfns[i] - FAKE_SHADOW_GFN] = NULL;
	}
}

/* One INT3 a place; with roots, one a wish. */
static bool is_other(const struct fake_driver *fake,
		     const struct fake_claim *claim,
		     const struct gprobe_call *call)
{
	if (claim->view != call->view || claim->gfn != call->gfn ||
	    claim->offset != call->offset)
		return true;
	return fake->claim_roots &&
	       (claim->root != call->root || claim->key != call->key ||
		claim->tag != call->tag);
}

static int claim_new(struct fake_driver *fake, struct gprobe_call *call)
{
	uint32_t i, at = FAKE_CLAIMS;

	for (i = 0; i < FAKE_CLAIMS; i++) {
		if (!fake->claims[i].used) {
			at = i < at ? i : at;
			continue;
		}
		unit_assert(is_other(fake, &fake->claims[i], call));
	}
	unit_assert(at < FAKE_CLAIMS);
	fake->claims[at] = (struct fake_claim){
		true, call->view, call->offset, call->gfn, call->root,
		call->key, call->tag,
	};
	fake->nr_claims++;
	call->id = at + 1;
	say(fake, "new(%u,%llx,%x) ", call->view,
	    (unsigned long long)call->gfn, call->offset);
	return 0;
}

static int claim_del(struct fake_driver *fake, struct gprobe_call *call)
{
	struct fake_claim *claim = &fake->claims[call->id - 1];

	unit_assert(call->id && call->id <= FAKE_CLAIMS);
	if (!claim->used)
		return -ENOENT;
	unit_assert(claim->view == call->view && claim->gfn == call->gfn &&
		    claim->offset == call->offset);
	claim->used = false;
	fake->nr_claims--;
	say(fake, "del(%u,%llx,%x) ", call->view,
	    (unsigned long long)call->gfn, call->offset);
	return 0;
}

static int remap(struct fake_driver *fake, struct gprobe_call *call,
		 struct fake_page *page)
{
	unit_assert(shadow_bytes(fake, call->to));
	*page = (struct fake_page){ call->access, true, call->to };
	say(fake, "remap(%u,%llx,%s) ", call->view,
	    (unsigned long long)call->gfn, access_names[call->access]);
	return 0;
}

static int do_call(struct fake_driver *fake, struct gprobe_call *call)
{
	struct fake_page *page;
	int ret = fault(fake);

	unit_assert(call->view && call->view < FAKE_VIEWS);
	unit_assert(call->access <= GPROBE_ACCESS_RWX);
	if (ret)
		return ret;
	if (fake->views[call->view].gone)
		return -ENOENT;
	if (!is_there(fake, call->gfn))
		return -ENXIO;
	page = &fake->views[call->view].pages[call->gfn];
	switch (call->kind) {
	case GPROBE_CALL_ACCESS_GET:
		call->access = page->access;
		say(fake, "get ");
		return 0;
	case GPROBE_CALL_ACCESS_SET:
		page->access = call->access;
		say(fake, "set(%u,%llx,%s) ", call->view,
		    (unsigned long long)call->gfn, access_names[call->access]);
		return 0;
	case GPROBE_CALL_REMAP:
		return remap(fake, call, page);
	case GPROBE_CALL_UNMAP:
		*page = (struct fake_page){ .access = GPROBE_ACCESS_RWX };
		say(fake, "unmap(%u,%llx) ", call->view,
		    (unsigned long long)call->gfn);
		return 0;
	case GPROBE_CALL_CLAIM_NEW:
		return claim_new(fake, call);
	case GPROBE_CALL_CLAIM_DEL:
		return claim_del(fake, call);
	}
	return -EINVAL;
}

static int call_batch(void *arg, struct gprobe_call *calls, size_t nr)
{
	struct fake_driver *fake = arg;
	int first = 0;
	size_t i;

	unit_assert(nr);
	fake->trips++;
	for (i = 0; i < nr; i++) {
		calls[i].ret = first && !fake->goes_on ? -ECANCELED :
			       do_call(fake, &calls[i]);
		if (!first)
			first = calls[i].ret;
	}
	return first;
}

static int paging_levels(void *arg)
{
	(void)arg;
	return 4;
}

#define OPS(which)					\
	{						\
		.features = which,			\
		.paging_levels = paging_levels,		\
		.translate = translate,			\
		.read = read_frame,			\
		.frame_get = frame_get,			\
		.frame_put = frame_put,			\
		.call = call_batch,			\
		.shadow_alloc = shadow_alloc,		\
		.shadow_free = shadow_free,		\
	}

static const struct gprobe_driver_ops ops[] = {
	[0] = OPS(0),
	[GPROBE_DRIVER_CLAIMS] = OPS(GPROBE_DRIVER_CLAIMS),
	[GPROBE_DRIVER_SHADOWS] = OPS(GPROBE_DRIVER_SHADOWS),
	[GPROBE_DRIVER_CLAIMS | GPROBE_DRIVER_CLAIM_ROOTS] =
		OPS(GPROBE_DRIVER_CLAIMS | GPROBE_DRIVER_CLAIM_ROOTS),
};

struct fake_driver *fake_driver_new(void)
{
	struct fake_driver *fake = calloc(1, sizeof(*fake));
	unsigned int view, gfn, i;

	unit_assert(fake);
	/* No two frames are the same, and none has an INT3 in its first bytes. */
	for (i = 0; i < 4096; i++)
		fake->frames[0][i] = i % 251 % 0xc0 + 1;
	for (gfn = 1; gfn < FAKE_FRAMES; gfn++) {
		memcpy(fake->frames[gfn], fake->frames[0], 4096);
		memcpy(fake->frames[gfn] + 4088, &gfn, sizeof(gfn));
	}
	for (view = 0; view < FAKE_VIEWS; view++)
		for (gfn = 0; gfn < FAKE_FRAMES; gfn++)
			fake->views[view].pages[gfn].access =
				GPROBE_ACCESS_RWX;
	return fake;
}

void fake_driver_free(struct fake_driver *fake)
{
	unit_assert(!fake->gotten);
	unit_assert(!fake_shadows_used(fake));
	free(fake);
}

struct gprobe_driver fake_driver_of(struct fake_driver *fake, uint32_t features)
{
	fake->claim_roots = features & GPROBE_DRIVER_CLAIM_ROOTS;
	return (struct gprobe_driver){ .ops = &ops[features], .arg = fake };
}

void fake_map(struct fake_driver *fake, uint64_t root, uint64_t gva,
	      uint64_t gfn)
{
	fake_unmap(fake, root, gva);
	unit_assert(fake->nr_mappings < FAKE_MAPPINGS);
	fake->mappings[fake->nr_mappings++] = (struct fake_mapping){
		root, gva >> 12, gfn,
	};
}

void fake_unmap(struct fake_driver *fake, uint64_t root, uint64_t gva)
{
	unsigned int i;

	for (i = 0; i < fake->nr_mappings; i++)
		if (fake->mappings[i].root == root &&
		    fake->mappings[i].page == gva >> 12) {
			fake->mappings[i] =
				fake->mappings[--fake->nr_mappings];
			return;
		}
}

void fake_fault(struct fake_driver *fake, unsigned int step, int err)
{
	fake->steps = 0;
	fake->fault_at = step;
	fake->fault_err = err;
}

void fake_log_clear(struct fake_driver *fake)
{
	fake->log[0] = '\0';
	fake->trips = 0;
	fake->steps = 0;
}

unsigned int fake_shadows_used(const struct fake_driver *fake)
{
	unsigned int i, nr = 0;

	for (i = 0; i < FAKE_SHADOWS; i++)
		nr += !!fake->shadows[i];
	return nr;
}

uint8_t fake_fetch(const struct fake_driver *fake, uint32_t view, uint64_t gpa)
{
	const struct fake_page *page = &fake->views[view].pages[gpa >> 12];
	uint32_t i;

	for (i = 0; fake->nr_claims && i < FAKE_CLAIMS; i++)
		if (fake->claims[i].used && fake->claims[i].view == view &&
		    fake->claims[i].gfn == gpa >> 12 &&
		    fake->claims[i].offset == (gpa & 0xfff))
			return 0xcc;
	return page->remapped ?
		fake->shadows[page->to - FAKE_SHADOW_GFN][gpa & 0xfff] :
		fake->frames[gpa >> 12][gpa & 0xfff];
}
