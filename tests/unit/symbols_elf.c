// SPDX-License-Identifier: GPL-2.0
/* Symbols of ELF files: of this program, whole and damaged. */
#include <gprobe/symbols.h>

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "unit.h"

#define PATH	"/proc/self/exe"

/* It is in .data, and this in .text. */
int symbols_elf_variable = 1;

static char *image;
static size_t image_bytes;

static void read_image(void)
{
	FILE *file = fopen(PATH, "r");
	struct stat st;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fstat(fileno(file), &st), 0);
	image_bytes = st.st_size;
	image = malloc(image_bytes);
	ck_assert_uint_eq(fread(image, 1, image_bytes, file), image_bytes);
	fclose(file);
}

static Elf64_Ehdr *header(void)
{
	return (Elf64_Ehdr *)image;
}

static int parse(size_t bytes, struct gprobe_why *why)
{
	struct gprobe_symbols *symbols = NULL;
	int ret = gprobe_symbols_parse(image, bytes, &symbols, why);

	gprobe_symbols_free(symbols);
	return ret;
}

START_TEST(functions_and_data_are_told_apart)
{
	struct gprobe_symbols *symbols;
	const struct gprobe_symbol *symbol;
	size_t places;

	ck_assert_int_eq(gprobe_symbols_load(PATH, &symbols, NULL), 0);
	symbol = gprobe_symbols_find(symbols, "symbols_elf_suite", &places);
	ck_assert_ptr_nonnull(symbol);
	ck_assert_int_eq(symbol->type, 'T');
	ck_assert_uint_eq(places, 1);
	ck_assert(gprobe_symbol_is_code(symbol));
	symbol = gprobe_symbols_find(symbols, "read_image", NULL);
	ck_assert_ptr_nonnull(symbol);
	ck_assert_int_eq(symbol->type, 't');
	symbol = gprobe_symbols_find(symbols, "symbols_elf_variable", NULL);
	ck_assert_ptr_nonnull(symbol);
	ck_assert_int_eq(symbol->type, 'D');
	/* They are other files'. */
	ck_assert_ptr_null(gprobe_symbols_find(symbols, "strlen", NULL));
	gprobe_symbols_free(symbols);
}
END_TEST

/* Where it is in this process the loader knows. */
START_TEST(a_file_that_may_be_anywhere_is_found_by_its_base)
{
	/* Its program headers follow its header. */
	uint64_t base = getauxval(AT_PHDR) - sizeof(Elf64_Ehdr);
	uint64_t known = (uint64_t)(uintptr_t)symbols_elf_suite;
	struct gprobe_symbols *symbols;

	ck_assert_int_eq(gprobe_symbols_load(PATH, &symbols, NULL), 0);
	ck_assert(gprobe_symbols_is_movable(symbols));
	ck_assert_uint_eq(gprobe_symbols_find(symbols, "symbols_elf_suite",
					      NULL)->address +
			  gprobe_symbols_slide_to(symbols, base), known);
	gprobe_symbols_free(symbols);
	read_image();
	header()->e_type = ET_EXEC;
	ck_assert_int_eq(gprobe_symbols_parse(image, image_bytes, &symbols,
					      NULL), 0);
	ck_assert(!gprobe_symbols_is_movable(symbols));
	gprobe_symbols_free(symbols);
	free(image);
}
END_TEST

static Elf64_Shdr *section(Elf64_Word type)
{
	Elf64_Shdr *at = (Elf64_Shdr *)(image + header()->e_shoff);
	size_t i;

	for (i = 0; i < header()->e_shnum; i++)
		if (at[i].sh_type == type)
			return &at[i];
	ck_abort_msg("no section of type %u", type);
	return NULL;
}

START_TEST(where_the_table_is_stripped_the_exported_ones_are_there)
{
	struct gprobe_why why;

	read_image();
	section(SHT_SYMTAB)->sh_type = SHT_PROGBITS;
	/* A program exports nothing unless asked to, or what libraries need. */
	if (parse(image_bytes, &why))
		unit_says(&why, "no code symbol in it: it is stripped");
	section(SHT_DYNSYM)->sh_type = SHT_SYMTAB;
	section(SHT_SYMTAB)->sh_type = SHT_PROGBITS;
	ck_assert_int_eq(parse(image_bytes, &why), -ENODATA);
	unit_says(&why, "no code symbol in it: it is stripped");
	free(image);
}
END_TEST

START_TEST(files_that_are_of_no_use_are_refused_with_the_reason)
{
	struct gprobe_why why;

	read_image();
	header()->e_type = ET_REL;
	ck_assert_int_eq(parse(image_bytes, &why), -EOPNOTSUPP);
	unit_says(&why, "an object file, such as a kernel module");
	header()->e_type = ET_CORE;
	ck_assert_int_eq(parse(image_bytes, &why), -EOPNOTSUPP);
	unit_says(&why, "neither executable nor shared library");
	header()->e_type = ET_DYN;
	header()->e_machine = EM_AARCH64;
	ck_assert_int_eq(parse(image_bytes, &why), -EOPNOTSUPP);
	unit_says(&why, "not of x86-64");
	free(image);
}
END_TEST

START_TEST(a_name_that_is_nowhere_is_damage)
{
	struct gprobe_why why;
	Elf64_Shdr *symtab;
	Elf64_Sym *all;
	size_t i;

	read_image();
	symtab = section(SHT_SYMTAB);
	all = (Elf64_Sym *)(image + symtab->sh_offset);
	for (i = 0; !all[i].st_value; i++)
		;
	all[i].st_name = UINT32_MAX;
	all[i].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
	ck_assert_int_eq(parse(image_bytes, &why), -EBADMSG);
	unit_says(&why, "damaged: ");
	free(image);
}
END_TEST

static bool is_answer(int ret)
{
	return !ret || ret == -EBADMSG || ret == -ENODATA ||
	       ret == -EOPNOTSUPP;
}

START_TEST(a_file_that_is_cut_off_is_refused)
{
	struct gprobe_why why;
	size_t bytes;

	read_image();
	for (bytes = SELFMAG; bytes < image_bytes - 1;
	     bytes += bytes < 256 ? 1 : image_bytes / 40) {
		ck_assert_msg(is_answer(parse(bytes, &why)), "at %zu", bytes);
		unit_assert(parse(bytes, &why));
		unit_says(&why, "");
	}
	free(image);
}
END_TEST

START_TEST(whatever_bits_are_flipped_it_is_read_or_refused)
{
	uint64_t state = 9;
	Elf64_Ehdr was;
	size_t at;
	int round;

	read_image();
	was = *header();
	for (round = 0; round < 60; round++) {
		at = round % 3 ? unit_random(&state) % sizeof(was) :
		     was.e_shoff + unit_random(&state) %
				   (was.e_shnum * sizeof(Elf64_Shdr));
		image[at] ^= 1 << unit_random(&state) % 8;
		unit_assert(is_answer(parse(image_bytes, NULL)));
		if (round % 3)
			*header() = was;
	}
	free(image);
}
END_TEST

Suite *symbols_elf_suite(void)
{
	return UNIT_SUITE("symbols_elf", functions_and_data_are_told_apart,
		a_file_that_may_be_anywhere_is_found_by_its_base,
		where_the_table_is_stripped_the_exported_ones_are_there,
		files_that_are_of_no_use_are_refused_with_the_reason,
		a_name_that_is_nowhere_is_damage,
		a_file_that_is_cut_off_is_refused,
		whatever_bits_are_flipped_it_is_read_or_refused);
}
