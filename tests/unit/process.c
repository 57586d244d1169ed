// SPDX-License-Identifier: GPL-2.0
/* The processes of a Linux guest, as its list has them, and which one is meant. */
#include <gprobe/process.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "../../user/tool/target.h"
#include "fake_guest.h"
#include "unit.h"

#define KERNEL		0x900000ULL
#define SLIDE		0x1000000ULL
#define DIRECT		0xffff888000000000ULL

/* A page with all tasks, and their address spaces behind them. */
#define TASKS		0xffffffff83000000ULL
#define TASKS_GFN	0x500ULL
#define TASK_BYTES	128
#define MM		2048

/* Where the types say things are. */
#define PID		8
#define TGID		12
#define LIST		16
#define COMM		32
#define MM_POINTER	64
#define PGD		24

enum { SWAPPER, INIT, KTHREADD, BASH, NR_TASKS };

static const char *const names[NR_TASKS] = {
	"swapper/0", "init", "kthreadd", "bash",
};
static const uint64_t roots[NR_TASKS] = { 0, 0x600000, 0, 0x602000 };

struct lab {
	char path[32];
	struct fake_guest guest;
	struct gprobe_vcpu vcpus[2];
	struct gprobe_symbols *symbols;
	struct gprobe_space space;
	uint8_t *page;
	struct gprobe_process *all;
	size_t nr;
	struct gprobe_why why;
};

static void make_types(struct lab *lab)
{
	struct btf *btf = btf__new_empty();
	int number, pointer, character, text, list;
	const void *data;
	uint32_t bytes;
	int fd;

	number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	character = btf__add_int(btf, "char", 1, BTF_INT_CHAR);
	text = btf__add_array(btf, number, character, 16);
	pointer = btf__add_ptr(btf, 0);
	list = btf__add_struct(btf, "list_head", 16);
	btf__add_field(btf, "next", pointer, 0, 0);
	btf__add_field(btf, "prev", pointer, 64, 0);
	btf__add_struct(btf, "task_struct", TASK_BYTES);
	btf__add_field(btf, "pid", number, 8 * PID, 0);
	btf__add_field(btf, "tgid", number, 8 * TGID, 0);
	btf__add_field(btf, "tasks", list, 8 * LIST, 0);
	btf__add_field(btf, "comm", text, 8 * COMM, 0);
	btf__add_field(btf, "mm", pointer, 8 * MM_POINTER, 0);
	btf__add_struct(btf, "mm_struct", 64);
	btf__add_field(btf, "pgd", pointer, 8 * PGD, 0);
	data = btf__raw_data(btf, &bytes);
	strcpy(lab->path, "/tmp/gprobe-btf-XXXXXX");
	fd = mkstemp(lab->path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, bytes), (ssize_t)bytes);
	close(fd);
	btf__free(btf);
}

static uint64_t *word(struct lab *lab, size_t offset)
{
	return (uint64_t *)(lab->page + offset);
}

static uint64_t node_of(size_t task)
{
	return TASKS + TASK_BYTES * (task % NR_TASKS) + LIST;
}

static void make_task(struct lab *lab, size_t task)
{
	uint8_t *at = lab->page + TASK_BYTES * task;
	uint32_t pid = task == BASH ? 812 : task;

	memcpy(at + TGID, &pid, sizeof(pid));
	strcpy((char *)at + COMM, names[task]);
	*word(lab, TASK_BYTES * task + LIST) = node_of(task + 1);
	*word(lab, TASK_BYTES * task + LIST + 8) =
		node_of(task + NR_TASKS - 1);
	if (!roots[task])
		return;
	*word(lab, TASK_BYTES * task + MM_POINTER) = TASKS + MM + 64 * task;
	*word(lab, MM + 64 * task + PGD) = DIRECT + roots[task];
	fake_map(&lab->guest, KERNEL, DIRECT + roots[task], 1,
		 roots[task] | PRESENT);
	fake_frame(&lab->guest, roots[task] / GPROBE_PAGE_SIZE);
}

/* bash has page tables for its program that are isolated from its kernel's. */
static void isolate(struct lab *lab)
{
	uint64_t gfn = roots[BASH] / GPROBE_PAGE_SIZE;
	uint64_t *kernel = (uint64_t *)fake_frame(&lab->guest, gfn);
	uint64_t *user = (uint64_t *)fake_frame(&lab->guest, gfn + 1);

	kernel[3] = 0x700000 | PRESENT | ACCESSED | NO_EXECUTE;
	user[3] = 0x700000 | PRESENT;
}

static struct lab *set_up(void)
{
	static const char map[] = "ffffffff81000000 T start\n"
				  "ffffffff82000000 D init_task\n";
	struct lab *lab = calloc(1, sizeof(*lab));
	size_t i;

	make_types(lab);
	ck_assert_int_eq(gprobe_symbols_parse(map, sizeof(map) - 1,
					      &lab->symbols, NULL), 0);
	fake_map(&lab->guest, KERNEL, TASKS, 1,
		 TASKS_GFN * GPROBE_PAGE_SIZE | PRESENT);
	lab->page = fake_frame(&lab->guest, TASKS_GFN);
	for (i = 0; i < NR_TASKS; i++)
		make_task(lab, i);
	isolate(lab);
	lab->vcpus[1] = fake_vcpu(KERNEL);
	lab->space = (struct gprobe_space){
		.memory = fake_memory(&lab->guest), .vcpus = lab->vcpus,
		.nr_vcpus = 2, .symbols = lab->symbols, .slide = SLIDE,
	};
	return lab;
}

static int list(struct lab *lab)
{
	return gprobe_process_list(lab->path, &lab->space, &lab->all, &lab->nr,
				   &lab->why);
}

static void tear_down(struct lab *lab)
{
	unlink(lab->path);
	gprobe_symbols_free(lab->symbols);
	free(lab->all);
	free(lab);
}

START_TEST(processes_are_listed_with_their_roots)
{
	struct lab *lab = set_up();
	size_t i;

	ck_assert_msg(!list(lab), "%s", lab->why.text);
	ck_assert_uint_eq(lab->nr, NR_TASKS - 1);
	for (i = 0; i < lab->nr; i++) {
		ck_assert_str_eq(lab->all[i].name, names[i + 1]);
		ck_assert_uint_eq(lab->all[i].root, roots[i + 1]);
	}
	ck_assert_uint_eq(lab->all[0].user_root, roots[INIT]);
	ck_assert_uint_eq(lab->all[2].pid, 812);
	ck_assert_uint_eq(lab->all[2].user_root, roots[BASH] + 4096);
	tear_down(lab);
}
END_TEST

START_TEST(what_only_looks_isolated_is_not)
{
	struct lab *lab = set_up();
	uint64_t gfn = roots[BASH] / GPROBE_PAGE_SIZE;

	((uint64_t *)fake_frame(&lab->guest, gfn))[200] = 0x800000 | PRESENT;
	ck_assert_int_eq(list(lab), 0);
	ck_assert_uint_eq(lab->all[2].user_root, roots[BASH]);
	free(lab->all);
	/* A program that has nothing at all says nothing. */
	memset(fake_frame(&lab->guest, gfn), 0, 2048);
	memset(fake_frame(&lab->guest, gfn + 1), 0, 2048);
	ck_assert_int_eq(list(lab), 0);
	ck_assert_uint_eq(lab->all[2].user_root, roots[BASH]);
	tear_down(lab);
}
END_TEST

START_TEST(a_list_that_is_not_whole_is_refused)
{
	static const struct {
		uint64_t next;
		int ret;
	} cases[] = {
		/* A circle, a program's address, nothing, nowhere. */
		{ TASKS + TASK_BYTES * INIT + LIST, -ESTALE },
		{ 0x400000, -EFAULT },
		{ 0, -EFAULT },
		{ 0xffffffffc0000000, -ENXIO },
		{ 0x8000000000000000, -EINVAL },
	};
	struct lab *lab = set_up();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		*word(lab, TASK_BYTES * BASH + LIST) = cases[i].next;
		ck_assert_int_eq(list(lab), cases[i].ret);
		unit_says(&lab->why, "cannot be followed behind 3 of them");
	}
	tear_down(lab);
}
END_TEST

START_TEST(a_process_that_ends_has_no_root)
{
	struct lab *lab = set_up();

	*word(lab, TASK_BYTES * INIT + MM_POINTER) = 0xffffffffc0000000;
	*word(lab, MM + 64 * BASH + PGD) = DIRECT + roots[BASH] + 8;
	ck_assert_int_eq(list(lab), 0);
	ck_assert_uint_eq(lab->all[0].root, 0);
	ck_assert_uint_eq(lab->all[2].root, 0);
	tear_down(lab);
}
END_TEST

START_TEST(a_kernel_that_is_not_there_is_told)
{
	struct lab *lab = set_up();

	lab->space.slide = 0;
	ck_assert_int_eq(list(lab), -ENXIO);
	unit_says(&lab->why, "not where its symbols say");
	tear_down(lab);
}
END_TEST

static int choose(const char *text, struct gprobe_probe *probe)
{
	static const struct gprobe_process all[] = {
		{ "init", 1, 0x1000, 0x1000 }, { "kthreadd", 2, 0, 0 },
		{ "bash", 812, 0x2000, 0x3000 }, { "sh", 900, 0x4000, 0x4000 },
		{ "sh", 901, 0x5000, 0x5000 },
		{ "fifteen-letters", 7, 0x6000, 0x6000 },
	};

	ck_assert_int_eq(gprobe_probe_parse(text, probe, NULL), 0);
	return target_choose_process(probe, all, ARRAY_SIZE(all));
}

START_TEST(a_process_is_meant_by_its_name_or_number)
{
	struct gprobe_probe probe;

	ck_assert_int_eq(choose("f@bash", &probe), 0);
	ck_assert_uint_eq(probe.root, 0x2000);
	ck_assert_uint_eq(probe.user_root, 0x3000);
	ck_assert_int_eq(choose("f@901", &probe), 0);
	ck_assert_uint_eq(probe.root, 0x5000);
	ck_assert_int_eq(choose("f@fifteen-letters-and-more", &probe), 0);
	ck_assert_uint_eq(probe.root, 0x6000);
	/* None, several, and one without a root. */
	ck_assert_int_ne(choose("f@bsh", &probe), 0);
	ck_assert_int_ne(choose("f@3", &probe), 0);
	ck_assert_int_ne(choose("f@sh", &probe), 0);
	ck_assert_int_ne(choose("f@kthreadd", &probe), 0);
}
END_TEST

Suite *process_suite(void)
{
	return UNIT_SUITE("process",
		processes_are_listed_with_their_roots,
		what_only_looks_isolated_is_not,
		a_list_that_is_not_whole_is_refused,
		a_process_that_ends_has_no_root,
		a_kernel_that_is_not_there_is_told,
		a_process_is_meant_by_its_name_or_number);
}
