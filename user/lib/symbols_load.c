// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files of symbols, whose kind is told by what is in them. */
#include "symbols.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "why.h"

/* A kernel with all its modules has a few hundred thousand symbols. */
#define FILE_MAX_BYTES	(512u << 20)
#define READ_BYTES	(1u << 20)

static bool is_elf(const char *bytes, size_t nr)
{
	return nr >= SELFMAG && !memcmp(bytes, ELFMAG, SELFMAG);
}

static bool is_json(const char *text, size_t bytes)
{
	while (bytes && strchr(" \t\r\n", *text)) {
		text++;
		bytes--;
	}
	return bytes && *text == '{';
}

static int read_lines(struct gprobe_symbols *symbols, char *text, size_t bytes,
		      struct gprobe_why *why)
{
	if (gprobe_symbols_read_text(symbols, text, bytes))
		return gprobe_why(why, -ENOMEM, "not enough memory");
	return gprobe_symbols_finish(symbols,
		"it must have lines of \"ADDRESS T NAME\", as System.map, /proc/kallsyms and the output of nm have, or be an ELF file, or JSON as Volatility 3 and Rekall have it",
		why);
}

static int read_plain(struct gprobe_symbols *symbols, char *text, size_t bytes,
		      struct gprobe_why *why)
{
	if (is_elf(text, bytes))
		return gprobe_symbols_parse_elf(symbols, text, bytes, why);
	text[bytes] = '\0';
	if (is_json(text, bytes))
		return gprobe_symbols_read_json(symbols, text, bytes, why);
	return read_lines(symbols, text, bytes, why);
}

/* @text has room for a NUL behind @bytes, and is taken apart. */
static int read_bytes(struct gprobe_symbols *symbols, char *text, size_t bytes,
		      struct gprobe_why *why)
{
	char *unpacked;
	size_t nr;
	int ret;

	if (!gprobe_is_xz(text, bytes))
		return read_plain(symbols, text, bytes, why);
	ret = gprobe_unxz(text, bytes, FILE_MAX_BYTES, &unpacked, &nr, why);
	if (ret)
		return ret;
	ret = read_plain(symbols, unpacked, nr, why);
	free(unpacked);
	return ret;
}

/**
 * gprobe_symbols_parse() - Make symbols of a file's bytes.
 * @text: any bytes, as of a file for gprobe_symbols_load(); copied
 * @bytes: how many
 * @symbols: for gprobe_symbols_free()
 * @why: says why not
 *
 * Lines that are not symbols are skipped.
 *
 * Return: 0; -ENODATA no code symbol in it, or all addresses hidden; -EBADMSG
 * damaged; -EOPNOTSUPP of another machine, or of no use; -ENOMEM.
 */
int gprobe_symbols_parse(const char *text, size_t bytes,
			 struct gprobe_symbols **symbols,
			 struct gprobe_why *why)
{
	struct gprobe_symbols *new = gprobe_symbols_new();
	char *copy = malloc(bytes + 1);
	int ret;

	if (new && copy) {
		memcpy(copy, text, bytes);
		ret = read_bytes(new, copy, bytes, why);
	} else {
		ret = gprobe_why(why, -ENOMEM, "not enough memory");
	}
	free(copy);
	if (ret)
		gprobe_symbols_free(new);
	else
		*symbols = new;
	return ret;
}

/* Files in /proc have no size: read to the end. */
static int read_all(int fd, char **text, size_t *bytes)
{
	size_t size = 0;
	ssize_t got;
	char *bigger;

	*text = NULL;
	*bytes = 0;
	for (;;) {
		if (*bytes == size) {
			if (size >= FILE_MAX_BYTES)
				return -EFBIG;
			size = size ? size * 2 : READ_BYTES;
			bigger = realloc(*text, size + 1);
			if (!bigger)
				return -ENOMEM;
			*text = bigger;
		}
		got = read(fd, *text + *bytes, size - *bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return 0;
		*bytes += got;
	}
}

/* Of one with all debugging information, most is not read. */
static int load(struct gprobe_symbols *symbols, int fd, struct gprobe_why *why)
{
	char magic[SELFMAG];
	size_t bytes;
	char *text;
	int ret;

	if (pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	    is_elf(magic, sizeof(magic)))
		return gprobe_symbols_load_elf(symbols, fd, why);
	ret = read_all(fd, &text, &bytes);
	if (ret)
		gprobe_why(why, ret, "%s", strerror(-ret));
	else
		ret = read_bytes(symbols, text, bytes, why);
	free(text);
	return ret;
}

/**
 * gprobe_symbols_load() - Read symbols from a file.
 * @path: System.map, /proc/kallsyms or what nm prints; an ELF file; the JSON of
 *	Volatility 3 (ISF) or of Rekall; each also packed with xz
 * @symbols: for gprobe_symbols_free()
 * @why: says why not, without @path
 *
 * Return: 0; -EFBIG above 512 MiB, but for ELF; see gprobe_symbols_parse(),
 * open(), read().
 */
int gprobe_symbols_load(const char *path, struct gprobe_symbols **symbols,
			struct gprobe_why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;
	struct gprobe_symbols *new;

	if (fd < 0)
		return gprobe_why(why, -errno, "%s", strerror(errno));
	new = gprobe_symbols_new();
	ret = new ? load(new, fd, why) :
		    gprobe_why(why, -ENOMEM, "not enough memory");
	close(fd);
	if (ret)
		gprobe_symbols_free(new);
	else
		*symbols = new;
	return ret;
}
