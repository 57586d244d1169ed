// SPDX-License-Identifier: GPL-2.0
/* gprobe_symbols_slide(): how far a guest's kernel is off its symbols. */
#include <gprobe/symbols.h>

#include <errno.h>
#include <string.h>

#include "fake_guest.h"
#include "unit.h"

#define ROOT	0x5000ULL
#define IDT	0xfffffe0000000000ULL
#define IDT_GFN	0x900ULL
#define ENTRY	0xffffffff81c00080ULL
#define FAULT	0xffffffff81c00b50ULL
#define STEP	(2ULL << 20)

#define SYMBOLS "ffffffff81000000 T _text\n" \
	"ffffffff81c00080 T entry_SYSCALL_64\n"

/* Make the guest's page fault gate point to @handler. */
static void set_gate(struct fake_guest *guest, uint64_t handler)
{
	uint8_t *gate = fake_frame(guest, IDT_GFN) + 14 * 16;
	uint32_t high = handler >> 32;
	uint16_t low = handler, middle = handler >> 16;

	memset(fake_frame(guest, IDT_GFN), 0xee, 4096);
	memcpy(gate, &low, 2);
	memcpy(gate + 6, &middle, 2);
	memcpy(gate + 8, &high, 4);
	fake_map(guest, ROOT, IDT, 1, IDT_GFN << 12 | PRESENT);
}

static struct gprobe_vcpu running_vcpu(uint64_t lstar)
{
	struct gprobe_vcpu vcpu = fake_vcpu(ROOT);

	vcpu.lstar = lstar;
	vcpu.idt_base = IDT;
	return vcpu;
}

static int find_slide(const char *text, struct fake_guest *guest,
		      const struct gprobe_vcpu *vcpus, size_t nr,
		      uint64_t *slide, struct gprobe_why *why)
{
	struct gprobe_memory memory = fake_memory(guest);
	struct gprobe_symbols *symbols;
	int ret;

	symbols = unit_symbols(text);
	ret = gprobe_symbols_slide(symbols, &memory, vcpus, nr, slide, why);
	gprobe_symbols_free(symbols);
	return ret;
}

static void check_slide(const char *text, uint64_t expected)
{
	struct gprobe_vcpu vcpu = running_vcpu(ENTRY + expected);
	struct fake_guest guest = { 0 };
	uint64_t slide = 99;

	set_gate(&guest, FAULT + expected);
	ck_assert_int_eq(find_slide(text, &guest, &vcpu, 1, &slide, NULL), 0);
	ck_assert_uint_eq(slide, expected);
}

START_TEST(a_kernel_that_did_not_move_has_slide_0)
{
	check_slide(SYMBOLS "ffffffff81c00b50 T asm_exc_page_fault\n", 0);
}
END_TEST

START_TEST(multiples_of_2_mib_either_way_are_slides)
{
	static const char text[] = SYMBOLS
		"ffffffff81c00b50 T asm_exc_page_fault\n";

	check_slide(text, STEP);
	check_slide(text, 0x1e3 * STEP);
	check_slide(text, -3 * STEP);
}
END_TEST

START_TEST(the_old_name_of_the_page_fault_handler_will_do)
{
	check_slide(SYMBOLS "ffffffff81c00b50 T page_fault\n", STEP);
}
END_TEST

START_TEST(symbols_that_are_not_linux_have_slide_0)
{
	struct gprobe_vcpu vcpu = running_vcpu(0);
	struct fake_guest guest = { 0 };
	uint64_t slide = 99;

	ck_assert_int_eq(find_slide("1000 T main\n", &guest, &vcpu, 1, &slide,
				    NULL), 0);
	ck_assert_uint_eq(slide, 0);
	ck_assert_uint_eq(guest.reads, 0);
}
END_TEST

static void check_refused(const char *text, uint64_t lstar, uint64_t fault,
			  int err, const char *words)
{
	struct gprobe_vcpu vcpu = running_vcpu(lstar);
	struct fake_guest guest = { 0 };
	struct gprobe_why why;
	uint64_t slide;

	set_gate(&guest, fault);
	ck_assert_int_eq(find_slide(text, &guest, &vcpu, 1, &slide, &why),
			 err);
	unit_says(&why, words);
}

START_TEST(another_kernel_is_estale_by_its_entry)
{
	check_refused(SYMBOLS "ffffffff81c00b50 T asm_exc_page_fault\n",
		      ENTRY + 0x40, FAULT + 0x40, -ESTALE, "another kernel");
	check_refused(SYMBOLS "ffffffff81c00b50 T asm_exc_page_fault\n",
		      ENTRY + STEP / 2, FAULT + STEP / 2, -ESTALE, "2 MiB");
}
END_TEST

START_TEST(another_kernel_is_estale_by_its_page_fault_handler)
{
	static const char text[] = SYMBOLS
		"ffffffff81c00b50 T asm_exc_page_fault\n";
	unsigned int bit;

	/* Each part of the gate is looked at. */
	for (bit = 0; bit < 64; bit++)
		check_refused(text, ENTRY + STEP, (FAULT + STEP) ^ 1ULL << bit,
			      -ESTALE, "asm_exc_page_fault is at");
}
END_TEST

START_TEST(symbols_that_cannot_be_checked_are_estale)
{
	check_refused(SYMBOLS, ENTRY, FAULT, -ESTALE, "cannot be checked");
}
END_TEST

START_TEST(a_guest_that_is_not_there_yet_is_eagain)
{
	check_refused(SYMBOLS "ffffffff81c00b50 T asm_exc_page_fault\n",
		      0, FAULT, -EAGAIN, "LSTAR is 0");
}
END_TEST

START_TEST(an_unmapped_idt_is_said)
{
	struct gprobe_vcpu vcpu = running_vcpu(ENTRY);
	struct fake_guest guest = { 0 };
	struct gprobe_why why;
	uint64_t slide;

	ck_assert_int_eq(find_slide(SYMBOLS "1 T page_fault\n", &guest, &vcpu,
				    1, &slide, &why), -ENXIO);
	unit_says(&why, "interrupt table");
}
END_TEST

START_TEST(the_second_vcpu_is_asked_when_the_first_is_not_up)
{
	struct gprobe_vcpu vcpus[2] = { { 0 }, running_vcpu(ENTRY + STEP) };
	struct fake_guest guest = { 0 };
	uint64_t slide;

	set_gate(&guest, FAULT + STEP);
	ck_assert_int_eq(find_slide(SYMBOLS
				    "ffffffff81c00b50 T asm_exc_page_fault\n",
				    &guest, vcpus, 2, &slide, NULL), 0);
	ck_assert_uint_eq(slide, STEP);
}
END_TEST

START_TEST(a_vcpu_in_the_user_half_will_do)
{
	struct gprobe_vcpu vcpu = running_vcpu(ENTRY);
	struct fake_guest guest = { 0 };
	uint64_t slide;

	/* ROOT's bit 12 is set: the kernel's half is the page before. */
	fake_frame(&guest, ROOT >> 12);
	fake_map(&guest, ROOT - 0x1000, IDT, 1, IDT_GFN << 12 | PRESENT);
	set_gate(&guest, FAULT);
	memset(fake_frame(&guest, ROOT >> 12), 0, 4096);
	ck_assert_int_eq(find_slide(SYMBOLS
				    "ffffffff81c00b50 T asm_exc_page_fault\n",
				    &guest, &vcpu, 1, &slide, NULL), 0);
	ck_assert_uint_eq(slide, 0);
}
END_TEST

Suite *slide_suite(void)
{
	return UNIT_SUITE("slide", a_kernel_that_did_not_move_has_slide_0,
		multiples_of_2_mib_either_way_are_slides,
		the_old_name_of_the_page_fault_handler_will_do,
		symbols_that_are_not_linux_have_slide_0,
		another_kernel_is_estale_by_its_entry,
		another_kernel_is_estale_by_its_page_fault_handler,
		symbols_that_cannot_be_checked_are_estale,
		a_guest_that_is_not_there_yet_is_eagain,
		an_unmapped_idt_is_said,
		the_second_vcpu_is_asked_when_the_first_is_not_up,
		a_vcpu_in_the_user_half_will_do);
}
