// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/task.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf.h"
#include "why.h"

/* Structs in structs, without a name of their own. */
#define MAX_DEPTH	8

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
		    !btf_is_composite(inner) || depth == MAX_DEPTH)
			continue;
		if (find_member(btf, inner, name, depth + 1) >= 0)
			return offset + find_member(btf, inner, name,
						    depth + 1);
	}
	return -1;
}

static int find_in(const struct btf *btf, const char *type, const char *member,
		   uint64_t *offset, struct gprobe_why *why)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	int64_t at = -1;

	if (id >= 0)
		at = find_member(btf, btf__type_by_id(btf, id), member, 0);
	if (at < 0)
		return gprobe_why(why, -ENOENT, "it has no %s.%s: not the BTF of a Linux kernel",
				  type, member);
	*offset = at;
	return 0;
}

/*
 * From Linux 6.2 to 6.14 it is in a struct. A symbol of a CPU's own is an offset from
 * the base, or an address, of which the base is the distance.
 */
static int find_current(const struct btf *btf,
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
		ret = find_in(btf, "pcpu_hot", "current_task", &offset, why);
	}
	*current_task = symbol->address + offset +
			(symbol->address >> 63 ? slide : 0);
	return ret;
}

static int find_all(const struct btf *btf, const struct gprobe_symbols *symbols,
		    uint64_t slide, struct gprobe_task_layout *layout,
		    struct gprobe_why *why)
{
	int ret = find_current(btf, symbols, slide, &layout->current_task, why);

	if (!ret)
		ret = find_in(btf, "task_struct", "comm", &layout->comm, why);
	if (!ret)
		ret = find_in(btf, "task_struct", "pid", &layout->tid, why);
	if (!ret)
		ret = find_in(btf, "task_struct", "tgid", &layout->pid, why);
	return ret;
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

/**
 * gprobe_task_layout_load() - Find where a kernel keeps its tasks' names.
 * @path: its BTF: /sys/kernel/btf/vmlinux of the guest, or its vmlinux
 * @symbols: the kernel's
 * @slide: by which that is off @symbols
 * @layout: the answer
 * @why: says why not
 *
 * Return: 0; -ENOENT no such types or symbols; what reading the file answers.
 */
int gprobe_task_layout_load(const char *path,
			    const struct gprobe_symbols *symbols,
			    uint64_t slide, struct gprobe_task_layout *layout,
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
	ret = find_all(btf, symbols, slide, layout, why);
	btf__free(btf);
	return ret;
}
