// SPDX-License-Identifier: GPL-2.0
#include "fake_bpf.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "unit.h"

#define FAKE_FD 77

struct fake_bpf fake_bpf;

static ring_buffer_sample_fn ring_fn;
static void *ring_arg;

void fake_bpf_reset(void)
{
	memset(&fake_bpf, 0, sizeof(fake_bpf));
}

static void call_printer(libbpf_print_fn_t print, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(LIBBPF_WARN, format, args);
	va_end(args);
}

/* As libbpf does: through whatever printer is set now. */
static void complain(void)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);

	libbpf_set_print(print);
	if (fake_bpf.complaint && print)
		call_printer(print, "%s\n", fake_bpf.complaint);
}

FAKE(int, bpf_object__load_skeleton, struct bpf_object_skeleton *s)
{
	struct bpf_map *map;
	int i;

	for (i = 0; i < s->map_cnt; i++) {
		map = *s->maps[i].map;
		if (!strcmp(s->maps[i].name, "records"))
			fake_bpf.max_entries.records = bpf_map__max_entries(map);
		else if (!strcmp(s->maps[i].name, "lost"))
			fake_bpf.max_entries.lost = bpf_map__max_entries(map);
		else if (strstr(s->maps[i].name, "rodata"))
			fake_bpf.rodata = *s->maps[i].mmaped;
		else
			fake_bpf.bss = *s->maps[i].mmaped;
	}
	if (fake_bpf.load_err)
		complain();
	return fake_bpf.load_err;
}

FAKE(int, bpf_object__attach_skeleton, struct bpf_object_skeleton *s)
{
	(void)s;
	if (fake_bpf.attach_err)
		complain();
	return fake_bpf.attach_err;
}

FAKE(struct ring_buffer *, ring_buffer__new, int fd, ring_buffer_sample_fn fn,
     void *arg, const struct ring_buffer_opts *opts)
{
	(void)fd;
	(void)opts;
	if (fake_bpf.ring_err) {
		errno = -fake_bpf.ring_err;
		return NULL;
	}
	ring_fn = fn;
	ring_arg = arg;
	fake_bpf.nr_rings++;
	return (void *)&fake_bpf;
}

FAKE(void, ring_buffer__free, struct ring_buffer *ring)
{
	if (ring)
		fake_bpf.nr_rings--;
}

FAKE(int, ring_buffer__epoll_fd, const struct ring_buffer *ring)
{
	(void)ring;
	return FAKE_FD;
}

/* A record that the callback refuses has been read all the same. */
FAKE(int, ring_buffer__consume, struct ring_buffer *ring)
{
	int i, ret = 0, nr = fake_bpf.nr_records;

	(void)ring;
	for (i = 0; i < nr && ret >= 0; i++)
		ret = ring_fn(ring_arg, fake_bpf.records[i],
			      fake_bpf.record_bytes);
	memmove(fake_bpf.records, fake_bpf.records[i],
		(nr - i) * sizeof(fake_bpf.records[0]));
	fake_bpf.nr_records -= i;
	return ret < 0 ? ret : i;
}

FAKE(int, bpf_map_lookup_elem, int fd, const void *key, void *value)
{
	(void)fd;
	if (memcmp(key, &fake_bpf.lost_key, sizeof(fake_bpf.lost_key)))
		return -ENOENT;
	memcpy(value, &fake_bpf.lost, sizeof(fake_bpf.lost));
	return 0;
}
