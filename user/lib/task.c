// SPDX-License-Identifier: LGPL-2.1-or-later
#include "task.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf.h"
#include "symbols.h"
#include "task_fields.h"
#include "why.h"

/* Answers the offset in bytes, or -1. */
static int64_t find_member(const struct btf *btf, const struct btf_type *type,
			   const char *name, unsigned int depth)
{
	const struct btf_member *member = btf_members(type);
	const struct btf_type *inner;
	const char *member_name;
	int64_t offset;
	uint32_t i;

	for (i = 0; i < btf_vlen(type); i++, member++) {
		member_name = btf__name_by_offset(btf, member->name_off);
		offset = btf_member_bit_offset(type, i) / 8;
		if (member_name && !strcmp(member_name, name))
			return offset;
		inner = btf__type_by_id(btf, member->type);
		if (!member_name || *member_name || !inner ||
		    !btf_is_composite(inner) || depth == GPROBE_TASK_FIELD_DEPTH)
			continue;
		if (find_member(btf, inner, name, depth + 1) >= 0)
			return offset + find_member(btf, inner, name,
						    depth + 1);
	}
	return -1;
}

static void find_fields(const struct btf *btf,
			struct gprobe_task_fields *fields)
{
	const struct gprobe_task_field_name *name = gprobe_task_field_names;
	size_t i;
	int id;

	for (i = 0; i < GPROBE_TASK_FIELDS; i++, name++) {
		id = btf__find_by_name_kind(btf, name->type, BTF_KIND_STRUCT);
		fields->at[i] = id < 0 ? -1 :
				find_member(btf, btf__type_by_id(btf, id),
					    name->member, 0);
	}
}

static int take(const struct gprobe_task_fields *fields,
		enum gprobe_task_field field, uint64_t *offset,
		struct gprobe_why *why)
{
	if (fields->at[field] < 0)
		return gprobe_why(why, -ENOENT,
				  "it has no %s.%s: not the types of a Linux kernel",
				  gprobe_task_field_names[field].type,
				  gprobe_task_field_names[field].member);
	*offset = fields->at[field];
	return 0;
}

/*
 * A symbol of a CPU's own is an offset from the base, or an address, of which the base
 * is the distance.
 */
static int find_current(const struct gprobe_task_fields *fields,
			const struct gprobe_symbols *symbols, uint64_t slide,
			uint64_t *current_task, struct gprobe_why *why)
{
	const struct gprobe_symbol *symbol;
	uint64_t offset = 0;
	int ret = 0;

	symbol = gprobe_symbols_find(symbols, "current_task", NULL);
	if (!symbol) {
		symbol = gprobe_symbols_find(symbols, "pcpu_hot", NULL);
		if (!symbol)
			return gprobe_why(why, -ENOENT,
					  "the symbols have neither current_task nor pcpu_hot: not those of a Linux kernel's System.map");
		ret = take(fields, GPROBE_TASK_CURRENT, &offset, why);
	}
	*current_task = symbol->address + offset +
			(symbol->address >> 63 ? slide : 0);
	return ret;
}

static int find_names(const struct gprobe_task_fields *fields,
		      struct gprobe_task_layout *layout, struct gprobe_why *why)
{
	int ret = take(fields, GPROBE_TASK_COMM, &layout->comm, why);

	if (!ret)
		ret = take(fields, GPROBE_TASK_PID, &layout->tid, why);
	if (!ret)
		ret = take(fields, GPROBE_TASK_TGID, &layout->pid, why);
	return ret;
}

static int find_list(const struct gprobe_task_fields *fields,
		     struct gprobe_process_layout *layout,
		     struct gprobe_why *why)
{
	int ret = find_names(fields, &layout->task, why);

	if (!ret)
		ret = take(fields, GPROBE_TASK_LIST, &layout->tasks, why);
	if (!ret)
		ret = take(fields, GPROBE_TASK_MM, &layout->mm, why);
	return ret ? ret : take(fields, GPROBE_TASK_MM_PGD, &layout->pgd, why);
}

/* -ENODATA: it is another file; libbpf calls that by several names. */
static int parse(const char *path, struct btf **btf)
{
	libbpf_print_fn_t before = gprobe_bpf_listen();
	int ret = 0;

	*btf = btf__parse(path, NULL);
	if (!*btf)
		ret = errno == ENOENT || errno == EPROTO || errno == EINVAL ||
		      errno >= __LIBBPF_ERRNO__START ? -ENODATA : -errno;
	libbpf_set_print(before);
	return ret;
}

static int load_file(const char *path, struct gprobe_task_fields *fields,
		     struct gprobe_why *why)
{
	struct btf *btf;
	int ret;

	if (access(path, R_OK))
		return gprobe_why(why, -errno, "%s", strerror(errno));
	ret = parse(path, &btf);
	if (ret)
		return gprobe_why(why, ret, "%s",
				  ret == -ENODATA ? "no BTF is in it" :
						    strerror(-ret));
	find_fields(btf, fields);
	btf__free(btf);
	return 0;
}

/* NULL: those that the symbols' own file has. */
static int load(const char *path, const struct gprobe_symbols *symbols,
		struct gprobe_task_fields *fields, struct gprobe_why *why)
{
	const struct gprobe_task_fields *own = gprobe_symbols_fields(symbols);

	if (path)
		return load_file(path, fields, why);
	if (!own)
		return gprobe_why(why, -ENODATA, "no types are in it");
	*fields = *own;
	return 0;
}

/**
 * gprobe_task_layout_load() - Find where a kernel keeps its tasks' names.
 * @path: its BTF: /sys/kernel/btf/vmlinux of the guest, or its vmlinux; NULL: the types
 *	that the file of @symbols has itself, as Volatility's JSON does
 * @symbols: the kernel's
 * @slide: by which that is off @symbols
 * @layout: the answer
 * @why: says why not
 *
 * Return: 0; -ENODATA no types are in that file; -ENOENT not these types or symbols;
 * what reading the file answers.
 */
int gprobe_task_layout_load(const char *path,
			    const struct gprobe_symbols *symbols,
			    uint64_t slide, struct gprobe_task_layout *layout,
			    struct gprobe_why *why)
{
	struct gprobe_task_fields fields;
	int ret = load(path, symbols, &fields, why);

	if (!ret)
		ret = find_current(&fields, symbols, slide,
				   &layout->current_task, why);
	return ret ? ret : find_names(&fields, layout, why);
}

/* The same of its list of processes. */
int gprobe_process_layout_load(const char *path,
			       const struct gprobe_symbols *symbols,
			       uint64_t slide,
			       struct gprobe_process_layout *layout,
			       struct gprobe_why *why)
{
	const struct gprobe_symbol *symbol =
		gprobe_symbols_find(symbols, "init_task", NULL);
	struct gprobe_task_fields fields;
	int ret = load(path, symbols, &fields, why);

	if (ret)
		return ret;
	if (!symbol)
		return gprobe_why(why, -ENOENT,
				  "the symbols have no init_task: not those of a Linux kernel's System.map");
	layout->init_task = symbol->address + slide;
	return find_list(&fields, layout, why);
}
