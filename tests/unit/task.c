// SPDX-License-Identifier: GPL-2.0
/* gprobe_task_layout_load(): where a kernel keeps its tasks' names. */
#include <gprobe/task.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "unit.h"

#define SLIDE	0x1000000ULL

/* A file with types; @name is what the task's name is called in them. */
struct lab {
	char path[32];
	struct gprobe_task_layout layout;
	struct gprobe_why why;
};

/* The name stands in a struct without a name in one without, as with RANDSTRUCT. */
static void add_types(struct btf *btf, const char *name)
{
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int character = btf__add_int(btf, "char", 1, BTF_INT_CHAR);
	int text = btf__add_array(btf, number, character, 16);
	int pointer = btf__add_ptr(btf, 0);
	int inner, outer;

	inner = btf__add_struct(btf, NULL, 24);
	btf__add_field(btf, "flags", number, 0, 0);
	btf__add_field(btf, name, text, 4 * 8, 0);
	outer = btf__add_union(btf, NULL, 24);
	btf__add_field(btf, NULL, inner, 0, 0);
	btf__add_struct(btf, "task_struct", 64);
	btf__add_field(btf, "pid", number, 8 * 8, 0);
	btf__add_field(btf, "tgid", number, 12 * 8, 0);
	btf__add_field(btf, NULL, outer, 32 * 8, 0);
	btf__add_struct(btf, "pcpu_hot", 64);
	btf__add_field(btf, "before", pointer, 0, 0);
	btf__add_field(btf, "current_task", pointer, 8 * 8, 0);
}

static void make_file(struct lab *lab, const void *data, size_t bytes)
{
	int fd;

	strcpy(lab->path, "/tmp/gprobe-btf-XXXXXX");
	fd = mkstemp(lab->path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, bytes), (ssize_t)bytes);
	close(fd);
}

static void set_up(struct lab *lab, const char *name)
{
	struct btf *btf = btf__new_empty();
	const void *data;
	uint32_t bytes;

	ck_assert_ptr_nonnull(btf);
	add_types(btf, name);
	data = btf__raw_data(btf, &bytes);
	make_file(lab, data, bytes);
	btf__free(btf);
}

static int load(struct lab *lab, const char *path, const char *map)
{
	struct gprobe_symbols *symbols;
	int ret;

	ck_assert_int_eq(gprobe_symbols_parse(map, strlen(map), &symbols,
					      NULL), 0);
	memset(&lab->layout, 0, sizeof(lab->layout));
	ret = gprobe_task_layout_load(path, symbols, SLIDE, &lab->layout,
				      &lab->why);
	gprobe_symbols_free(symbols);
	return ret;
}

static const char text_map[] = "ffffffff81000000 T start\n";

START_TEST(a_task_is_where_the_types_and_the_symbols_say)
{
	struct lab lab = { 0 };

	set_up(&lab, "comm");
	ck_assert_msg(!load(&lab, lab.path,
			    "000000000001fb80 A current_task\n"
			    "ffffffff81000000 T start\n"), "%s", lab.why.text);
	ck_assert_uint_eq(lab.layout.current_task, 0x1fb80);
	ck_assert_uint_eq(lab.layout.comm, 36);
	ck_assert_uint_eq(lab.layout.tid, 8);
	ck_assert_uint_eq(lab.layout.pid, 12);
	ck_assert_int_eq(load(&lab, lab.path,
			      "0000000000031000 D pcpu_hot\n"
			      "ffffffff81000000 T start\n"), 0);
	ck_assert_uint_eq(lab.layout.current_task, 0x31008);
	/* Where those of a CPU have addresses, they move with the kernel. */
	ck_assert_int_eq(load(&lab, lab.path,
			      "ffffffff81000000 T start\n"
			      "ffffffff82000000 D current_task\n"), 0);
	ck_assert_uint_eq(lab.layout.current_task, 0xffffffff83000000);
	unlink(lab.path);
}
END_TEST

START_TEST(what_is_no_kernels_is_told)
{
	struct lab lab = { 0 };

	set_up(&lab, "name");
	ck_assert_int_eq(load(&lab, lab.path, text_map), -ENOENT);
	unit_says(&lab.why, "neither current_task nor pcpu_hot");
	ck_assert_int_eq(load(&lab, lab.path,
			      "0000000000001000 A current_task\n"
			      "ffffffff81000000 T start\n"), -ENOENT);
	unit_says(&lab.why, "no task_struct.comm");
	ck_assert_int_eq(load(&lab, "/nowhere/btf", text_map), -ENOENT);
	unit_says(&lab.why, "No such file");
	ck_assert_int_lt(load(&lab, "/proc/self/exe", text_map), 0);
	unit_says(&lab.why, "no BTF is in it");
	unlink(lab.path);
	/* Neither BTF nor ELF. */
	make_file(&lab, text_map, strlen(text_map));
	ck_assert_int_eq(load(&lab, lab.path, text_map), -ENODATA);
	unit_says(&lab.why, "no BTF is in it");
	unlink(lab.path);
}
END_TEST

Suite *task_suite(void)
{
	return UNIT_SUITE("task", a_task_is_where_the_types_and_the_symbols_say,
			  what_is_no_kernels_is_told);
}
