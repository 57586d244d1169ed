// SPDX-License-Identifier: GPL-2.0
/* gprobe_task_layout_load(): where a kernel keeps its tasks' names. */
#include <gprobe/task.h>

#include <errno.h>
#include <stdio.h>
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

	symbols = unit_symbols(map);
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

/* --- Volatility's JSON --- */

#define UNNAMED(at, type) \
	"\"unnamed_field_" #at "\": { \"type\": { \"kind\": \"union\", " \
	"\"name\": \"" type "\" }, \"offset\": " #at ", \"anonymous\": true }"
#define MEMBER(name, at) \
	"\"" name "\": { \"type\": { \"kind\": \"base\", \"name\": \"int\" }, " \
	"\"offset\": " #at " }"
#define TYPE(name, fields) \
	"\"" name "\": { \"size\": 64, \"fields\": { " fields " }, \"kind\": \"struct\" }"
#define SYMBOLS(name, address) \
	"\"symbols\": { \"start\": { \"address\": 18446744071578845184 }, " \
	"\"" name "\": { \"type\": { \"kind\": \"pointer\", \"subtype\": " \
	"{ \"kind\": \"struct\", \"name\": \"task_struct\" } }, " \
	"\"address\": " #address " } }"
#define TASK	TYPE("task_struct", MEMBER("flags", 0) ", " MEMBER("pid", 8) \
		     ", " MEMBER("tgid", 12) ", " UNNAMED(32, "unnamed_1"))
#define INNER	TYPE("unnamed_1", MEMBER("comm", 4))

static int load_isf(struct lab *lab, const char *types, const char *symbols)
{
	char isf[2048];

	ck_assert_uint_lt(snprintf(isf, sizeof(isf), "{ %s%s%s }", types,
				   *types ? ", " : "", symbols), sizeof(isf));
	return load(lab, NULL, isf);
}

START_TEST(types_may_be_in_the_file_of_the_symbols)
{
	/* What has no name stands behind, or before. */
	static const char *const types[] = {
		"\"user_types\": { " TASK ", " INNER " }",
		"\"user_types\": { \"x\": [], " INNER ", " TASK ", \"y\": { \"fields\": null } }",
	};
	struct lab lab = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		ck_assert_msg(!load_isf(&lab, types[i],
					SYMBOLS("current_task", 129920)),
			      "%s", lab.why.text);
		ck_assert_uint_eq(lab.layout.current_task, 129920);
		ck_assert_uint_eq(lab.layout.comm, 36);
		ck_assert_uint_eq(lab.layout.tid, 8);
		ck_assert_uint_eq(lab.layout.pid, 12);
	}
	ck_assert_int_eq(load_isf(&lab, "\"user_types\": { " TASK ", " INNER ", "
				  TYPE("unnamed_2", UNNAMED(8, "unnamed_3")) ", "
				  TYPE("unnamed_3", MEMBER("current_task", 16)) ", "
				  TYPE("pcpu_hot", UNNAMED(0, "unnamed_2")) " }",
				  SYMBOLS("pcpu_hot", 200704)), 0);
	ck_assert_uint_eq(lab.layout.current_task, 200704 + 24);
}
END_TEST

START_TEST(json_without_a_kernels_types_is_told)
{
	struct lab lab = { 0 };

	ck_assert_int_eq(load_isf(&lab, "", SYMBOLS("current_task", 4096)),
			 -ENODATA);
	unit_says(&lab.why, "no types are in it");
	ck_assert_int_eq(load(&lab, NULL, text_map), -ENODATA);
	ck_assert_int_eq(load_isf(&lab, "\"user_types\": { " TASK " }",
				  SYMBOLS("current_task", 4096)), -ENOENT);
	unit_says(&lab.why, "no task_struct.comm: not the types of a Linux");
	ck_assert_int_eq(load_isf(&lab, "\"user_types\": { " TASK ", " INNER " }",
				  SYMBOLS("pcpu_hot", 4096)), -ENOENT);
	unit_says(&lab.why, "no pcpu_hot.current_task");
	/* A struct that would be in itself, twice. */
	ck_assert_int_eq(load_isf(&lab, "\"user_types\": { " TASK ", "
				  TYPE("unnamed_1", UNNAMED(0, "unnamed_1") ", "
				       UNNAMED(8, "unnamed_1") ", "
				       UNNAMED(16, "task_struct")) " }",
				  SYMBOLS("current_task", 4096)), -ENOENT);
	unit_says(&lab.why, "no task_struct.comm");
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
			  types_may_be_in_the_file_of_the_symbols,
			  json_without_a_kernels_types_is_told,
			  what_is_no_kernels_is_told);
}
