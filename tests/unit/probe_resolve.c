// SPDX-License-Identifier: GPL-2.0
/* gprobe_probe_resolve() and gprobe_probes_check(): probes in a guest. */
#include <gprobe/probe.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake_guest.h"
#include "unit.h"

#define ROOT		0x4000ULL
#define TEXT		0xffffffff81000000ULL
#define TEXT_GFN	0x900ULL
#define SLIDE		0x600000ULL

/* push %rbp; mov %rsp,%rbp; mov 0x1122334455667788,%rax; nop; ret */
static const uint8_t function[] = {
	0x55, 0x48, 0x89, 0xe5, 0x48, 0xb8, 0x88, 0x77, 0x66, 0x55, 0x44,
	0x33, 0x22, 0x11, 0x90, 0xc3,
};

static const char symbols_text[] =
	"ffffffff81000000 T function\n"
	"ffffffff81000100 t twin\n"
	"ffffffff81000200 t twin\n"
	"ffffffff81000300 D variable\n"
	"ffffffff81000400 T nonsense\n"
	"ffffffff81000ffd T at_the_end\n"
	"ffffffff81009000 T unmapped\n";

/* A guest with one page of code, which its symbols name. */
struct lab {
	struct fake_guest guest;
	struct gprobe_vcpu vcpus[2];
	struct gprobe_symbols *symbols;
	struct gprobe_space space;
	struct gprobe_probe probe;
	struct gprobe_why why;
};

static void set_up(struct lab *lab)
{
	uint8_t *text = fake_frame(&lab->guest, TEXT_GFN);

	memcpy(text, function, sizeof(function));
	/* No instruction of 64-bit mode. */
	text[0x400] = 0x06;
	/* mov %rsp,%rbp; then the first byte of another one */
	memcpy(text + 0xffd, function + 1, 3);
	fake_map(&lab->guest, ROOT, TEXT + SLIDE, 1, TEXT_GFN << 12 | PRESENT);
	lab->symbols = unit_symbols(symbols_text);
	lab->vcpus[0] = lab->vcpus[1] = fake_vcpu(ROOT);
	lab->space = (struct gprobe_space){
		.memory = fake_memory(&lab->guest),
		.vcpus = lab->vcpus,
		.nr_vcpus = 1,
		.symbols = lab->symbols,
		.slide = SLIDE,
	};
}

static int resolve(struct lab *lab, const char *text)
{
	lab->why.text[0] = '\0';
	ck_assert_int_eq(gprobe_probe_parse(text, &lab->probe, &lab->why), 0);
	return gprobe_probe_resolve(&lab->probe, &lab->space, &lab->why);
}

static void tear_down(struct lab *lab)
{
	gprobe_symbols_free(lab->symbols);
}

static void check_place(struct lab *lab, const char *text, uint64_t gva,
			uint32_t step)
{
	ck_assert_msg(!resolve(lab, text), "'%s': %s", text, lab->why.text);
	ck_assert_uint_eq(lab->probe.gva, gva);
	ck_assert_uint_eq(lab->probe.gfn, TEXT_GFN);
	ck_assert_uint_eq(lab->probe.frame_offset, gva & 0xfff);
	ck_assert_uint_eq(lab->probe.step, step);
}

static void check_refused(struct lab *lab, const char *text, int err,
			  const char *words)
{
	ck_assert_int_eq(resolve(lab, text), err);
	unit_says(&lab->why, words);
	ck_assert_int_eq(gprobe_probe_resolve(&lab->probe, &lab->space, NULL),
			 err);
}

START_TEST(each_start_of_an_instruction_can_be_probed)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_place(&lab, "function", TEXT + SLIDE, 0);
	check_place(&lab, "function+1", TEXT + SLIDE + 1, 0);
	check_place(&lab, "function+0x4", TEXT + SLIDE + 4, 0);
	check_place(&lab, "function+14", TEXT + SLIDE + 14, GPROBE_STEP_SKIP);
	ck_assert_uint_eq(lab.probe.insn_bytes, 1);
	check_place(&lab, "function+15", TEXT + SLIDE + 15, 0);
	check_place(&lab, "0xffffffff81600004", TEXT + SLIDE + 4, 0);
	tear_down(&lab);
}
END_TEST

START_TEST(the_middle_of_an_instruction_is_eilseq_with_both_starts)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "function+3", -EILSEQ,
		      "nearest start at function+1 and +4");
	check_refused(&lab, "function+5", -EILSEQ,
		      "nearest start at function+4 and +14");
	check_refused(&lab, "function+13", -EILSEQ,
		      "nearest start at function+4 and +14");
	tear_down(&lab);
}
END_TEST

START_TEST(where_no_instruction_starts_is_eilseq)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "nonsense", -EILSEQ, "no instruction at 0x");
	check_refused(&lab, "nonsense+4", -EILSEQ,
		      "no instruction at nonsense+0, before it");
	tear_down(&lab);
}
END_TEST

START_TEST(what_is_not_mapped_is_enxio)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "unmapped", -ENXIO,
		      "nothing is mapped at 0xffffffff81609000");
	check_refused(&lab, "0x1000", -ENXIO, "nothing is mapped at 0x1000");
	tear_down(&lab);
}
END_TEST

START_TEST(under_a_root_a_page_that_is_not_mapped_is_waited_for)
{
	struct lab lab = { 0 };

	set_up(&lab);
	fake_map(&lab.guest, 0x9000, 0x5000, 1, 0x1000 | PRESENT);
	ck_assert_int_eq(resolve(&lab, "function+1@0x9000"), 0);
	ck_assert_uint_eq(lab.probe.gva, TEXT + SLIDE + 1);
	ck_assert_uint_eq(lab.probe.gfn, GPROBE_PROBE_NO_GFN);
	ck_assert_uint_eq(lab.probe.frame_offset, 1);
	ck_assert_int_eq(resolve(&lab, "0x401234@0x4000"), 0);
	ck_assert_uint_eq(lab.probe.gfn, GPROBE_PROBE_NO_GFN);
	tear_down(&lab);
}
END_TEST

START_TEST(a_root_that_is_none_is_enxio)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "function@0x9000", -ENXIO,
		      "0x9000 is no root: the guest has no memory there");
	fake_frame(&lab.guest, 9)[8] = 0xfe;
	check_refused(&lab, "function@0x9000", -ENXIO,
		      "0x9000 is no root: nothing at all is mapped under it");
	lab.guest.broken_gfn = 9;
	lab.guest.broken = -EIO;
	check_refused(&lab, "function@0x9000", -EIO, "cannot be read");
	tear_down(&lab);
}
END_TEST

START_TEST(no_address_of_the_guest_is_said)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "0x800000000000", -EINVAL, "not canonical");
	lab.vcpus[0].cr4 |= CR4_LA57;
	check_refused(&lab, "function", -EOPNOTSUPP, "5-level");
	lab.vcpus[0] = fake_vcpu(ROOT);
	fake_map(&lab.guest, ROOT, 0x401000, 2, 0x2000 | LARGE | PRESENT);
	check_refused(&lab, "0x401000", -EBADMSG, "malformed");
	tear_down(&lab);
}
END_TEST

START_TEST(errors_of_the_guests_memory_are_said)
{
	struct lab lab = { 0 };

	set_up(&lab);
	lab.guest.broken = -EIO;
	lab.guest.broken_gfn = TEXT_GFN;
	check_refused(&lab, "function", -EIO, "cannot be read");
	lab.guest.broken_gfn = ROOT >> 12;
	check_refused(&lab, "0xffffffff81600000", -EIO, strerror(EIO));
	tear_down(&lab);
}
END_TEST

START_TEST(data_is_no_place_for_a_probe)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "variable", -EINVAL,
		      "'variable' is data (type D)");
	tear_down(&lab);
}
END_TEST

START_TEST(a_name_of_two_places_is_refused_with_the_first)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "twin", -EINVAL,
		      "name of 2 functions, the first at 0xffffffff81600100");
	tear_down(&lab);
}
END_TEST

START_TEST(a_mistyped_name_is_enoent_with_the_nearest)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_refused(&lab, "fucntion", -ENOENT,
		      "no symbol 'fucntion'; nearest: function");
	check_refused(&lab, "twix", -ENOENT, "nearest: twin");
	check_refused(&lab, "zzzzzz", -ENOENT, "no symbol 'zzzzzz'");
	ck_assert_ptr_null(strstr(lab.why.text, "nearest"));
	tear_down(&lab);
}
END_TEST

START_TEST(long_near_names_fit_the_reason)
{
	char text[800], name[201], wrong[101];
	struct lab lab = { 0 };

	set_up(&lab);
	tear_down(&lab);
	memset(name, 'n', sizeof(name));
	memset(wrong, 'n', sizeof(wrong));
	name[64] = wrong[63] = '\0';
	snprintf(text, sizeof(text),
		 "1 T %s\n2 T %.63so\n3 T %.62soo\n4 T %.61sooo\n", name, name,
		 name, name);
	lab.symbols = unit_symbols(text);
	lab.space.symbols = lab.symbols;
	check_refused(&lab, wrong, -ENOENT, name);
	tear_down(&lab);
}
END_TEST

START_TEST(a_symbol_without_symbols_is_enoent)
{
	struct lab lab = { 0 };

	set_up(&lab);
	lab.space.symbols = NULL;
	check_refused(&lab, "function", -ENOENT, "--symbols");
	check_place(&lab, "0xffffffff81600001", TEXT + SLIDE + 1, 0);
	tear_down(&lab);
}
END_TEST

START_TEST(a_file_has_symbols_and_a_slide_of_its_own)
{
	static const char map[] = "1000 T function\n1001 t other\n";
	struct gprobe_space_file files[] = {
		{ .path = "/usr/bin/first", .slide = TEXT + SLIDE - 0x1000 },
		{ .path = "lib/second.so", .slide = TEXT + SLIDE - 0x0ffd },
	};
	struct gprobe_symbols *symbols;
	struct lab lab = { 0 };

	set_up(&lab);
	symbols = unit_symbols(map);
	files[0].symbols = files[1].symbols = symbols;
	lab.space.files = files;
	lab.space.nr_files = 2;
	check_place(&lab, "first:other", TEXT + SLIDE + 1, 0);
	check_place(&lab, "/usr/bin/first:function+4", TEXT + SLIDE + 4, 0);
	check_place(&lab, "second.so:other", TEXT + SLIDE + 4, 0);
	check_place(&lab, "lib/second.so:other", TEXT + SLIDE + 4, 0);
	check_refused(&lab, "first:fucntion", -ENOENT, "nearest: function");
	check_refused(&lab, "bin/first:function", -ENOENT,
		      "no file 'bin/first' among those of --symbols");
	check_refused(&lab, "other", -ENOENT, "no symbol 'other'");
	lab.space.symbols = NULL;
	check_place(&lab, "first:other", TEXT + SLIDE + 1, 0);
	gprobe_symbols_free(symbols);
	tear_down(&lab);
}
END_TEST

START_TEST(an_offset_too_far_to_be_checked_is_refused)
{
	struct lab lab = { 0 };

	set_up(&lab);
	fake_map(&lab.guest, ROOT, TEXT + SLIDE + 0x11000, 1,
		 TEXT_GFN << 12 | PRESENT);
	check_refused(&lab, "function+0x11000", -EINVAL, "65536 at most");
	check_refused(&lab, "function+0xffffffffffffffff", -ENXIO,
		      "nothing is mapped");
	tear_down(&lab);
}
END_TEST

START_TEST(an_instruction_across_frames_is_stepped_as_a_store)
{
	struct lab lab = { 0 };

	set_up(&lab);
	check_place(&lab, "at_the_end", TEXT + SLIDE + 0xffd, 0);
	/* mov $0x11223344,%eax begins two bytes before the page's end. */
	memcpy(fake_frame(&lab.guest, TEXT_GFN) + 0xffd, "\x90\xb8\x44", 3);
	check_place(&lab, "at_the_end+1", TEXT + SLIDE + 0xffe,
		    GPROBE_STEP_STORE);
	tear_down(&lab);
}
END_TEST

START_TEST(what_xen_may_not_emulate_is_stepped_fast)
{
	struct lab lab = { 0 };

	set_up(&lab);
	/* movaps %xmm1,%xmm0 */
	memcpy(fake_frame(&lab.guest, TEXT_GFN), "\x0f\x28\xc1", 3);
	check_place(&lab, "function", TEXT + SLIDE, GPROBE_STEP_FAST);
	tear_down(&lab);
}
END_TEST

START_TEST(a_root_chooses_the_address_space)
{
	struct lab lab = { 0 };

	set_up(&lab);
	memcpy(fake_frame(&lab.guest, 0x950), function, sizeof(function));
	fake_map(&lab.guest, 0x8000, TEXT + SLIDE, 1, 0x950000 | PRESENT);
	ck_assert_int_eq(resolve(&lab, "function+1@0x8000"), 0);
	ck_assert_uint_eq(lab.probe.gfn, 0x950);
	check_place(&lab, "function+1", TEXT + SLIDE + 1, 0);
	tear_down(&lab);
}
END_TEST

START_TEST(a_first_vcpu_that_does_not_page_is_no_matter)
{
	struct lab lab = { 0 };

	set_up(&lab);
	lab.vcpus[0] = (struct gprobe_vcpu){ 0 };
	lab.space.nr_vcpus = 2;
	check_place(&lab, "function", TEXT + SLIDE, 0);
	check_place(&lab, "function+4", TEXT + SLIDE + 4, 0);
	check_place(&lab, "function+4@0x4000", TEXT + SLIDE + 4, 0);
	check_refused(&lab, "function+5", -EILSEQ, "nearest start");
	tear_down(&lab);
}
END_TEST

START_TEST(a_root_is_no_matter_to_a_vcpu_that_does_not_page)
{
	struct lab lab = { 0 };

	set_up(&lab);
	fake_map(&lab.guest, ROOT, 0x401000, 1, TEXT_GFN << 12 | PRESENT);
	memset(fake_frame(&lab.guest, 0x401), 0x90, 4096);
	lab.vcpus[0] = (struct gprobe_vcpu){ 0 };
	check_refused(&lab, "0x401000@0x4000", -ENXIO, "nothing is mapped");
	lab.space.nr_vcpus = 2;
	ck_assert_int_eq(resolve(&lab, "0x401000@0x4000"), 0);
	ck_assert_uint_eq(lab.probe.gfn, TEXT_GFN);
	tear_down(&lab);
}
END_TEST

START_TEST(one_place_under_two_addresses_is_eexist)
{
	struct gprobe_probe probes[3];
	struct lab lab = { 0 };

	set_up(&lab);
	fake_map(&lab.guest, ROOT, 0x401000, 1, TEXT_GFN << 12 | PRESENT);
	ck_assert_int_eq(resolve(&lab, "function+1"), 0);
	probes[0] = lab.probe;
	ck_assert_int_eq(resolve(&lab, "function+4"), 0);
	probes[1] = lab.probe;
	ck_assert_int_eq(resolve(&lab, "0x401001"), 0);
	probes[2] = lab.probe;
	ck_assert_int_eq(gprobe_probes_check(probes, 2, &lab.why), 0);
	ck_assert_int_eq(gprobe_probes_check(probes, 3, &lab.why), -EEXIST);
	unit_says(&lab.why, "'function+1' and '0x401001'");
	ck_assert_int_eq(gprobe_probes_check(probes, 3, NULL), -EEXIST);
	ck_assert_int_eq(gprobe_probes_check(probes, 0, NULL), 0);
	tear_down(&lab);
}
END_TEST

START_TEST(probes_that_wait_are_the_same_by_their_address)
{
	struct gprobe_probe probes[2] = {
		{ .text = "a", .root = 0x4000, .gva = 0x401010,
		  .gfn = GPROBE_PROBE_NO_GFN, .frame_offset = 0x10 },
		{ .text = "b", .root = 0x4000, .gva = 0x402010,
		  .gfn = GPROBE_PROBE_NO_GFN, .frame_offset = 0x10 },
	};
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_probes_check(probes, 2, &why), 0);
	probes[1].gva = 0x401010;
	ck_assert_int_eq(gprobe_probes_check(probes, 2, &why), -EEXIST);
	unit_says(&why, "'a' and 'b'");
	/* One that came between is no other. */
	probes[1].gfn = 7;
	ck_assert_int_eq(gprobe_probes_check(probes, 2, &why), -EEXIST);
	probes[1].root = 0x5000;
	ck_assert_int_eq(gprobe_probes_check(probes, 2, &why), 0);
}
END_TEST

START_TEST(one_place_under_two_roots_is_two_probes)
{
	struct gprobe_probe probes[2];
	struct lab lab = { 0 };

	set_up(&lab);
	ck_assert_int_eq(resolve(&lab, "function"), 0);
	probes[0] = lab.probe;
	ck_assert_int_eq(resolve(&lab, "function@0x4000"), 0);
	probes[1] = lab.probe;
	ck_assert_uint_eq(probes[0].gfn, probes[1].gfn);
	ck_assert_int_eq(gprobe_probes_check(probes, 2, &lab.why), 0);
	tear_down(&lab);
}
END_TEST

Suite *probe_resolve_suite(void)
{
	return UNIT_SUITE("probe_resolve",
		each_start_of_an_instruction_can_be_probed,
		the_middle_of_an_instruction_is_eilseq_with_both_starts,
		where_no_instruction_starts_is_eilseq,
		what_is_not_mapped_is_enxio,
		under_a_root_a_page_that_is_not_mapped_is_waited_for,
		a_root_that_is_none_is_enxio,
		probes_that_wait_are_the_same_by_their_address, no_address_of_the_guest_is_said,
		errors_of_the_guests_memory_are_said,
		data_is_no_place_for_a_probe,
		a_name_of_two_places_is_refused_with_the_first,
		a_mistyped_name_is_enoent_with_the_nearest,
		long_near_names_fit_the_reason,
		a_symbol_without_symbols_is_enoent,
		a_file_has_symbols_and_a_slide_of_its_own,
		an_offset_too_far_to_be_checked_is_refused,
		an_instruction_across_frames_is_stepped_as_a_store,
		what_xen_may_not_emulate_is_stepped_fast,
		a_root_chooses_the_address_space,
		a_first_vcpu_that_does_not_page_is_no_matter,
		a_root_is_no_matter_to_a_vcpu_that_does_not_page,
		one_place_under_two_addresses_is_eexist,
		one_place_under_two_roots_is_two_probes);
}
