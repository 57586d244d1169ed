// SPDX-License-Identifier: GPL-2.0
#include "symbol_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "progress.h"
#include "say.h"

/* What a Linux kernel has, and nothing else. */
#define KERNEL_SYMBOL	"entry_SYSCALL_64"

/**
 * symbol_files_path() - Read the value of --symbols.
 * @text: FILE or FILE@0xBASE
 * @has_base: gets whether there is a BASE
 * @base: gets it
 *
 * Return: FILE, for free(), or NULL.
 */
char *symbol_files_path(const char *text, bool *has_base, uint64_t *base)
{
	const char *at = strrchr(text, '@');

	*has_base = at && number_parse_address(at + 1, base);
	return *has_base ? strndup(text, at - text) : strdup(text);
}

/**
 * symbol_files_add() - Add a file, without a look at it.
 * @files: for symbol_files_free()
 * @text: as for symbol_files_path()
 *
 * Return: the exit status.
 */
int symbol_files_add(struct symbol_files *files, const char *text)
{
	struct symbol_file *all, *new;

	all = reallocarray(files->files, files->nr + 1, sizeof(*all));
	if (!all)
		return say_no_memory();
	files->files = all;
	new = &all[files->nr];
	*new = (struct symbol_file){ 0 };
	new->path = symbol_files_path(text, &new->has_base, &new->base);
	if (!new->path)
		return say_no_memory();
	files->nr++;
	return STATUS_DONE;
}

static bool is_kernel(const struct symbol_file *file)
{
	return gprobe_symbols_find(file->symbols, KERNEL_SYMBOL, NULL);
}

static int load(struct symbol_file *file)
{
	struct gprobe_why why;

	if (gprobe_symbols_load(file->path, &file->symbols, &why))
		return say(STATUS_FAILED, "%s: %s", file->path, why.text);
	if (gprobe_symbols_is_movable(file->symbols) && !file->has_base &&
	    !is_kernel(file))
		return say(STATUS_FAILED,
			   "%s: it is position-independent: FILE@0xBASE says where the guest has it, its first address in the process's /proc/PID/maps",
			   file->path);
	return STATUS_DONE;
}

/**
 * symbol_files_load() - Read all files.
 * @files: all added
 *
 * Return: the exit status.
 */
int symbol_files_load(struct symbol_files *files)
{
	struct progress progress;
	int status = STATUS_DONE;
	size_t i;

	progress_begin(&progress, "reading symbols", files->nr);
	for (i = 0; i < files->nr && !status; i++) {
		status = load(&files->files[i]);
		progress_step(&progress);
	}
	progress_end(&progress);
	return status;
}

static int find_slide(const struct symbol_file *file,
		      const struct gprobe_space *space, const char *domain,
		      uint64_t *slide)
{
	struct gprobe_why why;
	int ret = gprobe_symbols_slide(file->symbols, &space->memory,
				       space->vcpus, space->nr_vcpus, slide,
				       &why);

	if (ret == -ESTALE)
		return say(STATUS_FAILED, "%s: %s", file->path, why.text);
	if (ret)
		return say(STATUS_FAILED, "domain '%s': %s", domain, why.text);
	return STATUS_DONE;
}

/* The first that is a kernel's, wherever; else the first. */
static size_t find_kernel(const struct symbol_files *files)
{
	size_t i;

	for (i = 0; i < files->nr; i++)
		if (is_kernel(&files->files[i]))
			return i;
	return 0;
}

/**
 * symbol_files_place() - Find where the files are in the guest.
 * @files: loaded
 * @space: the guest; gets the files, and the kernel's symbols and their slide
 *	unless it has symbols
 * @domain: the guest's name
 *
 * Return: the exit status.
 */
int symbol_files_place(struct symbol_files *files, struct gprobe_space *space,
		       const char *domain)
{
	size_t kernel = find_kernel(files), i;
	bool is_given = space->symbols;
	const struct symbol_file *file;
	int status = STATUS_DONE;

	if (!files->nr)
		return STATUS_DONE;
	files->places = calloc(files->nr, sizeof(*files->places));
	if (!files->places)
		return say_no_memory();
	for (i = 0; i < files->nr && !status; i++) {
		file = &files->files[i];
		files->places[i].path = file->path;
		files->places[i].symbols = file->symbols;
		if (file->has_base)
			files->places[i].slide =
				gprobe_symbols_slide_to(file->symbols,
							file->base);
		else if (i == kernel && files->has_slide)
			files->places[i].slide = files->slide;
		else
			status = find_slide(file, space, domain,
					    &files->places[i].slide);
	}
	space->files = files->places;
	space->nr_files = files->nr;
	if (is_given)
		return status;
	space->symbols = files->places[kernel].symbols;
	space->slide = files->places[kernel].slide;
	return status;
}

/**
 * symbol_files_unload() - Keep the files' names alone.
 * @files: loaded or not
 */
void symbol_files_unload(struct symbol_files *files)
{
	size_t i;

	for (i = 0; i < files->nr; i++) {
		gprobe_symbols_free(files->files[i].symbols);
		files->files[i].symbols = NULL;
	}
	free(files->places);
	files->places = NULL;
}

/**
 * symbol_files_free() - Have no files.
 * @files: at any stage
 */
void symbol_files_free(struct symbol_files *files)
{
	symbol_files_unload(files);
	while (files->nr)
		free(files->files[--files->nr].path);
	free(files->files);
	files->files = NULL;
}
