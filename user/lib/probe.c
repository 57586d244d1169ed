// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/insn.h>

#include "glob.h"
#include "symbols.h"
#include "why.h"

/* Before a function whose return is meant. */
#define RETURN_OF	"r:"
#define RETURN_OF_BYTES	(sizeof(RETURN_OF) - 1)

/* How far into a function it is checked that instructions start there. */
#define CHECKED_BYTES	GPROBE_FUNCTION_BYTES_MAX

bool gprobe_probe_parse_number(const char *text, bool decimal,
			       uint64_t *number)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	int used = 0;

	/* sscanf would take signs and spaces, and wrap around. */
	if (!hex && !decimal)
		return false;
	if (strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") !=
	    strlen(digits) || !*digits)
		return false;
	digits += strspn(digits, "0");
	if (strlen(digits) > (hex ? 16 : 18))
		return false;
	*number = 0;
	if (!*digits)
		return true;
	return sscanf(digits, hex ? "%" SCNx64 "%n" : "%" SCNu64 "%n", number,
		      &used) == 1;
}

/* What is behind the r: of @target. */
static char *parse_part(char *target, struct gprobe_probe *probe)
{
	if (strncmp(target, RETURN_OF, RETURN_OF_BYTES))
		return target;
	probe->part = GPROBE_PROBE_ENTRY;
	return target + RETURN_OF_BYTES;
}

/* What is behind the FILE: of @target. */
static char *parse_file(char *target, struct gprobe_probe *probe)
{
	char *colon = strchr(target, ':');

	if (!colon)
		return target;
	*colon = '\0';
	strcpy(probe->file, target);
	return colon + 1;
}

/* Cut @target off at its @ROOT or @PROCESS. */
static int parse_root(char *target, struct gprobe_probe *probe,
		      struct gprobe_why *why)
{
	char *at = strchr(target, '@');

	if (!at)
		return 0;
	*at++ = '\0';
	if (*at && *at != '0') {
		strcpy(probe->process, at);
		return 0;
	}
	if (!gprobe_probe_parse_number(at, false, &probe->root) ||
	    !(probe->root & GPROBE_ROOT_MASK))
		return gprobe_why(why, -EINVAL,
				  "probe '%s': the root behind @ must be a CR3 value such as 0x10a000, or a process",
				  probe->text);
	probe->root &= GPROBE_ROOT_MASK;
	return 0;
}

static int parse_symbol(char *target, struct gprobe_probe *probe,
			struct gprobe_why *why)
{
	char *plus = strchr(target, '+');

	if (plus) {
		*plus++ = '\0';
		if (!gprobe_probe_parse_number(plus, true, &probe->offset))
			return gprobe_why(why, -EINVAL,
					  "probe '%s': the offset behind + must be a number such as 16 or 0x10",
					  probe->text);
	}
	if (!*target || (target[0] >= '0' && target[0] <= '9'))
		return gprobe_why(why, -EINVAL,
				  "probe '%s': not a symbol, SYMBOL+OFFSET or 0xADDRESS",
				  probe->text);
	strcpy(probe->symbol, target);
	return 0;
}

/**
 * gprobe_probe_parse() - Read a probe.
 * @text: [r:][FILE:]TARGET[@ROOT|@PROCESS][:ACTION...]
 * @probe: what it says; to be resolved
 * @why: says why not
 *
 * Return: 0; -EINVAL not a probe.
 */
int gprobe_probe_parse(const char *text, struct gprobe_probe *probe,
		       struct gprobe_why *why)
{
	char target[GPROBE_PROBE_TEXT_MAX + 1], *rest;
	int ret;

	memset(probe, 0, sizeof(*probe));
	if (!*text)
		return gprobe_why(why, -EINVAL, "an empty probe: it must be [r:]SYMBOL, SYMBOL+OFFSET, GLOB or 0xADDRESS, each with or without @0xROOT or @PROCESS");
	if (strlen(text) > GPROBE_PROBE_TEXT_MAX)
		return gprobe_why(why, -EINVAL,
				  "probe '%.20s...': longer than %d bytes",
				  text, GPROBE_PROBE_TEXT_MAX);
	strcpy(probe->text, text);
	strcpy(target, text);
	rest = parse_part(target, probe);
	ret = gprobe_probe_parse_actions(rest, probe, why);
	if (ret)
		return ret;
	rest = parse_file(rest, probe);
	ret = parse_root(rest, probe, why);
	if (ret)
		return ret;
	if (!probe->file[0] &&
	    gprobe_probe_parse_number(rest, false, &probe->gva))
		return 0;
	ret = parse_symbol(rest, probe, why);
	if (!ret && probe->part == GPROBE_PROBE_ENTRY && probe->offset)
		return gprobe_why(why, -EINVAL,
				  "probe '%s': r: is of a function, which has no offset",
				  text);
	return ret;
}

/**
 * gprobe_probe_is_glob() - Is a probe to be expanded?
 * @probe: parsed
 *
 * Return: true if it stands for all functions of a kind.
 */
bool gprobe_probe_is_glob(const struct gprobe_probe *probe)
{
	return !probe->gva && gprobe_is_glob(probe->symbol);
}

static int no_symbols(const struct gprobe_probe *probe, struct gprobe_why *why)
{
	return gprobe_why(why, -ENOENT,
			  "probe '%s' is a symbol: name the guest kernel's System.map with --symbols FILE",
			  probe->text);
}

/* A path, or what is behind its last /. */
static bool is_file(const struct gprobe_space_file *file, const char *name)
{
	const char *slash = strrchr(file->path, '/');

	return !strcmp(file->path, name) ||
	       (slash && !strcmp(slash + 1, name));
}

/* Where the probe's symbol is looked up. */
int gprobe_probe_find_file(const struct gprobe_probe *probe,
			   const struct gprobe_space *space,
			   struct gprobe_space_file *found,
			   struct gprobe_why *why)
{
	const char *near;
	size_t i;

	if (!probe->file[0]) {
		found->symbols = space->symbols;
		found->slide = space->slide;
		return space->symbols ? 0 : no_symbols(probe, why);
	}
	for (i = 0; i < space->nr_files; i++) {
		if (is_file(&space->files[i], probe->file)) {
			*found = space->files[i];
			return 0;
		}
	}
	near = gprobe_probe_near_action(probe->symbol);
	return gprobe_why(why, -ENOENT,
			  "probe '%s': no file '%s' among those of --symbols%s%s",
			  probe->text, probe->file,
			  near ? "; the nearest action: " : "",
			  near ? near : "");
}

/* --- expanding --- */

/* What stands before and behind the symbol in the glob's text stays. */
static void name_probe(struct gprobe_probe *probe,
		       const struct gprobe_probe *glob,
		       const struct gprobe_symbol *symbol)
{
	size_t part = glob->part == GPROBE_PROBE_ENTRY ? RETURN_OF_BYTES : 0;
	size_t begin = part + (glob->file[0] ? strlen(glob->file) + 1 : 0);
	const char *rest = glob->text + begin + strlen(glob->symbol);
	size_t bytes = strlen(symbol->name);
	char text[32];

	if (begin + bytes + strlen(rest) <= GPROBE_PROBE_TEXT_MAX) {
		strcpy(probe->symbol, symbol->name);
		memcpy(probe->text + begin, symbol->name, bytes);
		strcpy(probe->text + begin + bytes, rest);
		return;
	}
	/* No label has room for it. */
	probe->symbol[0] = '\0';
	rest = strpbrk(glob->text + begin, "@:");
	snprintf(text, sizeof(text), "%#" PRIx64, probe->gva);
	snprintf(probe->text, sizeof(probe->text), "%.*s%s%s", (int)part,
		 glob->text, text, rest ? rest : "");
}

static int add_match(struct gprobe_probe **probes, size_t nr,
		     const struct gprobe_probe *glob,
		     const struct gprobe_symbol *symbol, uint64_t slide)
{
	struct gprobe_probe *more = *probes;

	/* Room for a power of two. */
	if (!(nr & (nr - 1))) {
		more = reallocarray(*probes, nr ? 2 * nr : 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		*probes = more;
	}
	more[nr] = *glob;
	more[nr].gva = symbol->address + slide + glob->offset;
	name_probe(&more[nr], glob, symbol);
	return 0;
}

/*
 * Is it called by nobody? The compiler puts parts of functions elsewhere, and the kernel
 * has room before them (CONFIG_FUNCTION_PADDING). Not where the glob asks for it.
 */
static bool is_addition(const char *name, const char *glob)
{
	static const char *const additions[] = { ".cold", "__pfx_", "__cfi_" };
	size_t i;

	for (i = 0; i < sizeof(additions) / sizeof(*additions); i++)
		if (strstr(name, additions[i]) && !strstr(glob, additions[i]))
			return true;
	return false;
}

static int find_matches(const struct gprobe_probe *glob,
			const struct gprobe_space_file *file,
			struct gprobe_probe **probes, size_t *nr)
{
	const struct gprobe_symbol *symbol, *last = NULL;
	size_t i;
	int ret;

	for (i = 0; (symbol = gprobe_symbols_get(file->symbols, i)); i++) {
		if (!gprobe_symbol_is_code(symbol) ||
		    !gprobe_glob_matches(glob->symbol, symbol->name) ||
		    is_addition(symbol->name, glob->symbol))
			continue;
		/* Another name of the same place. */
		if (last && last->address == symbol->address)
			continue;
		ret = add_match(probes, *nr, glob, symbol, file->slide);
		if (ret)
			return ret;
		++*nr;
		last = symbol;
	}
	return 0;
}

/**
 * gprobe_probe_expand() - Find the functions that a glob means.
 * @glob: parsed, and a glob
 * @space: the guest; its symbols and their slide count
 * @probes: gets a probe for each, by rising address, to be resolved; for free()
 * @nr: how many
 * @why: says why not
 *
 * A place that matches by several names comes once, by the first of them. What the
 * compiler adds to functions (NAME.cold, __pfx_NAME, __cfi_NAME) matches a glob only
 * that has such a word.
 * Functions of one name come each. Where a name is too long for a probe's text,
 * its address is that.
 *
 * Return: 0; -ENOENT there is none, or no symbols; -ENOMEM.
 */
int gprobe_probe_expand(const struct gprobe_probe *glob,
			const struct gprobe_space *space,
			struct gprobe_probe **probes, size_t *nr,
			struct gprobe_why *why)
{
	struct gprobe_space_file file;
	int ret = gprobe_probe_find_file(glob, space, &file, why);

	*probes = NULL;
	*nr = 0;
	if (ret)
		return ret;
	if (find_matches(glob, &file, probes, nr)) {
		free(*probes);
		return gprobe_why(why, -ENOMEM, "not enough memory");
	}
	return *nr ? 0 : gprobe_no_match(file.symbols, glob->symbol, why);
}

/* --- resolving --- */

static int find_symbol(struct gprobe_probe *probe,
		       const struct gprobe_space *space,
		       struct gprobe_why *why)
{
	const struct gprobe_symbol *symbol;
	struct gprobe_space_file file;
	size_t places;
	int ret;

	/* It was expanded. */
	if (probe->gva)
		return 0;
	ret = gprobe_probe_find_file(probe, space, &file, why);
	if (ret)
		return ret;
	if (gprobe_probe_is_glob(probe))
		return gprobe_why(why, -EINVAL,
				  "probe '%s' stands for many functions",
				  probe->text);
	symbol = gprobe_symbols_find(file.symbols, probe->symbol, &places);
	if (!symbol)
		return gprobe_no_symbol(file.symbols, probe->symbol, true,
					why);
	if (!gprobe_symbol_is_code(symbol))
		return gprobe_why(why, -EINVAL,
				  "'%s' is data (type %c), not code",
				  probe->symbol, symbol->type);
	if (places > 1)
		return gprobe_why(why, -EINVAL,
				  "'%s' is the name of %zu functions, the first at %#" PRIx64 ": choose one by its address",
				  probe->symbol, places,
				  symbol->address + file.slide);
	probe->gva = symbol->address + file.slide + probe->offset;
	return 0;
}

/*
 * The root of the probe, or one of those the vCPUs run under. *@vcpu is the
 * first that gets there: one that just starts does not page as the others do.
 */
int gprobe_probe_walk(const struct gprobe_probe *probe,
		      const struct gprobe_space *space,
		      struct gprobe_place *place,
		      const struct gprobe_vcpu **vcpu, uint64_t *root)
{
	int ret = -ENXIO;
	size_t i;

	for (i = 0; i < space->nr_vcpus && ret; i++) {
		*vcpu = &space->vcpus[i];
		*root = probe->root;
		if (probe->root)
			ret = gprobe_walk(&space->memory, *vcpu, *root,
					  probe->gva, place);
		else
			ret = gprobe_walk_any(&space->memory, *vcpu, 1,
					      probe->gva, place, root);
		/* A vCPU that does not page is under no root. */
		if (!ret && probe->root && !place->page_bytes)
			ret = -ENXIO;
	}
	return ret;
}

int gprobe_probe_walk_failed(const struct gprobe_probe *probe, int err,
			     struct gprobe_why *why)
{
	switch (err) {
	case -ENXIO:
		return gprobe_why(why, err,
				  "probe '%s': nothing is mapped at %#" PRIx64 " in the guest",
				  probe->text, probe->gva);
	case -EINVAL:
		return gprobe_why(why, err,
				  "probe '%s': %#" PRIx64 " is no address of a 64-bit guest (not canonical)",
				  probe->text, probe->gva);
	case -EBADMSG:
		return gprobe_why(why, err,
				  "probe '%s': the guest's page tables for %#" PRIx64 " are malformed",
				  probe->text, probe->gva);
	case -EOPNOTSUPP:
		return gprobe_why(why, err,
				  "the guest uses 5-level or 32-bit paging: only 4-level paging is supported");
	default:
		return gprobe_why(why, err,
				  "probe '%s': the guest's memory cannot be read: %s",
				  probe->text, strerror(-err));
	}
}

/* An entry that leads somewhere. */
static bool is_present(uint64_t entry)
{
	return entry & 1;
}

static bool has_entry(const uint64_t *table, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (is_present(table[i]))
			return true;
	return false;
}

static bool any_pages(const struct gprobe_space *space)
{
	size_t i;

	for (i = 0; i < space->nr_vcpus; i++)
		if (gprobe_paging_levels(&space->vcpus[i]) > 0)
			return true;
	return false;
}

/* Nothing is mapped there under a root: it can come, if that is one. */
static int wait_for_page(struct gprobe_probe *probe,
			 const struct gprobe_space *space,
			 struct gprobe_why *why)
{
	uint64_t table[GPROBE_PAGE_SIZE / sizeof(uint64_t)];
	int ret;

	if (!any_pages(space))
		return gprobe_probe_walk_failed(probe, -ENXIO, why);
	ret = space->memory.read(space->memory.arg,
				 probe->root / GPROBE_PAGE_SIZE, 0, table,
				 sizeof(table));
	if (ret == -ENXIO)
		return gprobe_why(why, ret,
				  "probe '%s': %#" PRIx64 " is no root: the guest has no memory there",
				  probe->text, probe->root);
	if (ret)
		return gprobe_probe_walk_failed(probe, ret, why);
	if (!has_entry(table, sizeof(table) / sizeof(table[0])))
		return gprobe_why(why, -ENXIO,
				  "probe '%s': %#" PRIx64 " is no root: nothing at all is mapped under it",
				  probe->text, probe->root);
	probe->gfn = GPROBE_PROBE_NO_GFN;
	probe->frame_offset = probe->gva % GPROBE_PAGE_SIZE;
	return 0;
}

/*
 * An INT3 in the middle of an instruction would change what the guest does.
 * From the start of a symbol, where instructions start is known.
 */
static int check_boundary(const struct gprobe_probe *probe,
			  const struct gprobe_memory *memory,
			  const struct gprobe_vcpu *vcpu, uint64_t root,
			  struct gprobe_why *why)
{
	uint64_t start = probe->gva - probe->offset, at = 0;
	uint8_t code[GPROBE_INSN_MAX_BYTES];
	size_t bytes;
	int length;

	if (probe->offset > CHECKED_BYTES)
		return gprobe_why(why, -EINVAL,
				  "probe '%s': an offset can be %d at most",
				  probe->text, CHECKED_BYTES);
	while (at < probe->offset) {
		bytes = sizeof(code);
		/* Where the next page is not mapped, fewer bytes must do. */
		while (bytes && gprobe_walk_read(memory, vcpu, root,
						 start + at, code, bytes))
			bytes--;
		length = gprobe_insn_length(code, bytes);
		if (length < 0)
			return gprobe_why(why, -EILSEQ,
					  "probe '%s': there is no instruction at %s+%" PRIu64 ", before it",
					  probe->text, probe->symbol, at);
		if (at + length > probe->offset)
			return gprobe_why(why, -EILSEQ,
					  "probe '%s': in the middle of an instruction; the nearest start at %s+%" PRIu64 " and +%" PRIu64,
					  probe->text, probe->symbol, at,
					  at + length);
		at += length;
	}
	return 0;
}

/* Take @place for the probe's, and choose how it is stepped over. */
int gprobe_probe_settle(struct gprobe_probe *probe,
			const struct gprobe_space *space,
			const struct gprobe_place *place,
			struct gprobe_why *why)
{
	int ret;

	probe->gfn = place->gfn;
	probe->frame_offset = place->offset;
	ret = gprobe_insn_step_at(&space->memory, probe->gfn,
				  probe->frame_offset, &probe->step,
				  &probe->insn_bytes);

	if (ret == -EILSEQ)
		return gprobe_why(why, ret,
				  "probe '%s': there is no instruction at %#" PRIx64,
				  probe->text, probe->gva);
	return ret ? gprobe_probe_walk_failed(probe, ret, why) : 0;
}

/**
 * gprobe_probe_resolve() - Find the place of a probe.
 * @probe: parsed
 * @space: the guest
 * @why: says why not
 *
 * With a root the page may be missing now: GPROBE_PROBE_NO_GFN.
 *
 * Return: 0; -ENOENT no such symbol; -ENXIO nothing mapped there, or the root is
 * none; -EILSEQ no instruction starts there; -EINVAL not code, not unique or not
 * canonical; -EOPNOTSUPP see gprobe_walk(); what the reading of memory answers.
 */
int gprobe_probe_resolve(struct gprobe_probe *probe,
			 const struct gprobe_space *space,
			 struct gprobe_why *why)
{
	const struct gprobe_vcpu *vcpu;
	struct gprobe_place place;
	uint64_t root;
	int ret = 0;

	if (probe->symbol[0])
		ret = find_symbol(probe, space, why);
	if (ret)
		return ret;
	if (probe->user_root && !(probe->gva >> 63))
		probe->root = probe->user_root;
	ret = gprobe_probe_walk(probe, space, &place, &vcpu, &root);
	if (ret == -ENXIO && probe->root)
		return wait_for_page(probe, space, why);
	if (ret)
		return gprobe_probe_walk_failed(probe, ret, why);
	ret = check_boundary(probe, &space->memory, vcpu, root, why);
	return ret ? ret : gprobe_probe_settle(probe, space, &place, why);
}

/* --- the same place --- */

/* That a function is entered and that it returns is not the same. */
static int compare_parts(const struct gprobe_probe *a,
			 const struct gprobe_probe *b)
{
	return a->part < b->part ? -1 : a->part > b->part;
}

static int compare_gvas(const struct gprobe_probe *a,
			const struct gprobe_probe *b)
{
	if (a->part != b->part)
		return compare_parts(a, b);
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	return a->gva < b->gva ? -1 : a->gva > b->gva;
}

static int compare_frames(const struct gprobe_probe *a,
			  const struct gprobe_probe *b)
{
	if (a->part != b->part)
		return compare_parts(a, b);
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	if (a->gfn != b->gfn)
		return a->gfn < b->gfn ? -1 : 1;
	/* Where no frame is known, none is the same. */
	if (a->gfn == GPROBE_PROBE_NO_GFN)
		return compare_gvas(a, b);
	return a->frame_offset < b->frame_offset ? -1 :
	       a->frame_offset > b->frame_offset;
}

typedef int compare_fn(const struct gprobe_probe *a,
		       const struct gprobe_probe *b);

/* What probes are sorted by, and then by their number. */
struct order {
	const struct gprobe_probe *probes;
	compare_fn *compare;
};

static int compare_numbers(const void *a, const void *b, void *arg)
{
	const struct order *order = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int ret = order->compare(&order->probes[x], &order->probes[y]);

	return ret ? ret : x < y ? -1 : x > y;
}

static void find_firsts(const struct order *order, size_t nr, size_t *numbers,
			size_t *firsts)
{
	size_t i, first = 0;

	for (i = 0; i < nr; i++)
		numbers[i] = i;
	qsort_r(numbers, nr, sizeof(*numbers), compare_numbers, (void *)order);
	for (i = 0; i < nr; i++) {
		if (!i || order->compare(&order->probes[numbers[i - 1]],
					 &order->probes[numbers[i]]))
			first = numbers[i];
		if (firsts[numbers[i]] > first)
			firsts[numbers[i]] = first;
	}
}

/**
 * gprobe_probes_firsts() - Tell which probes are at the same place.
 * @probes: all resolved
 * @nr: how many
 * @firsts: gets for each the number of the first one at its place, maybe its own
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_probes_firsts(const struct gprobe_probe *probes, size_t nr,
			 size_t *firsts)
{
	struct order order = { .probes = probes, .compare = compare_gvas };
	size_t *numbers = reallocarray(NULL, nr + 1, sizeof(*numbers)), i;

	if (!numbers)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		firsts[i] = i;
	find_firsts(&order, nr, numbers, firsts);
	order.compare = compare_frames;
	find_firsts(&order, nr, numbers, firsts);
	free(numbers);
	return 0;
}

/**
 * gprobe_probes_check() - See that no probe is there twice.
 * @probes: all resolved
 * @nr: how many
 * @why: says which
 *
 * Return: 0; -EEXIST; -ENOMEM.
 */
int gprobe_probes_check(const struct gprobe_probe *probes, size_t nr,
			struct gprobe_why *why)
{
	size_t *firsts = reallocarray(NULL, nr + 1, sizeof(*firsts)), i;
	int ret = firsts ? gprobe_probes_firsts(probes, nr, firsts) : -ENOMEM;

	if (ret)
		gprobe_why(why, ret, "not enough memory");
	for (i = 0; i < nr && !ret; i++)
		if (firsts[i] != i)
			ret = gprobe_why(why, -EEXIST,
					 "probe twice: '%s' and '%s' are the same place",
					 probes[firsts[i]].text,
					 probes[i].text);
	free(firsts);
	return ret;
}
