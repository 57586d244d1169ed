// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files that are packed with xz, as Volatility's users keep their symbols. */
#include "symbols.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "why.h"

#define MAGIC		"\xfd" "7zXZ"
#define MAGIC_BYTES	6

/* What xz -9 asks for, and more. */
#define MEMORY_MAX	(256u << 20)

#define FIRST_BYTES	(1u << 20)

/**
 * gprobe_is_xz() - Is a file packed?
 * @bytes: its first bytes
 * @nr: how many
 *
 * Return: true if it is, by xz.
 */
bool gprobe_is_xz(const void *bytes, size_t nr)
{
	return nr >= MAGIC_BYTES && !memcmp(bytes, MAGIC, MAGIC_BYTES);
}

static int failed(lzma_ret ret, struct gprobe_why *why)
{
	if (ret == LZMA_MEM_ERROR || ret == LZMA_MEMLIMIT_ERROR)
		return gprobe_why(why, -ENOMEM, "not enough memory to unpack it");
	return gprobe_why(why, -EBADMSG, "damaged: xz cannot unpack it");
}

static int unpack(lzma_stream *stream, size_t max_bytes, char **bytes,
		  size_t *nr, struct gprobe_why *why)
{
	lzma_ret ret = LZMA_OK;
	size_t size = 0;
	char *more;

	while (ret == LZMA_OK) {
		if (*nr == size) {
			if (size >= max_bytes)
				return gprobe_why(why, -EFBIG, "%s",
						  strerror(EFBIG));
			size = size ? 2 * size : FIRST_BYTES;
			size = size < max_bytes ? size : max_bytes;
			/* For a NUL. */
			more = realloc(*bytes, size + 1);
			if (!more)
				return failed(LZMA_MEM_ERROR, why);
			*bytes = more;
		}
		stream->next_out = (uint8_t *)*bytes + *nr;
		stream->avail_out = size - *nr;
		ret = lzma_code(stream, LZMA_FINISH);
		*nr = size - stream->avail_out;
	}
	return ret == LZMA_STREAM_END ? 0 : failed(ret, why);
}

/**
 * gprobe_unxz() - Unpack a file.
 * @packed: the file
 * @packed_bytes: how many
 * @max_bytes: more than so many are refused
 * @bytes: gets what was packed, with room for one more; for free()
 * @nr: how many
 * @why: says why not
 *
 * Return: 0; -EBADMSG damaged; -EFBIG; -ENOMEM.
 */
int gprobe_unxz(const void *packed, size_t packed_bytes, size_t max_bytes,
		char **bytes, size_t *nr, struct gprobe_why *why)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret opened = lzma_stream_decoder(&stream, MEMORY_MAX,
					      LZMA_CONCATENATED);
	int ret;

	*bytes = NULL;
	*nr = 0;
	if (opened != LZMA_OK)
		return failed(opened, why);
	stream.next_in = packed;
	stream.avail_in = packed_bytes;
	ret = unpack(&stream, max_bytes, bytes, nr, why);
	lzma_end(&stream);
	if (ret) {
		free(*bytes);
		*bytes = NULL;
	}
	return ret;
}
