// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/record.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "bpf.h"
#include "why.h"

#include "record.h"
#include "record.skel.h"

#define PAGE_BYTES	4096u

/**
 * struct gprobe_recorder - the loaded program and its ring
 * @skeleton: libbpf's
 * @ring: libbpf's reader of the map records
 * @on_record: while it is read
 * @arg: its first argument
 */
struct gprobe_recorder {
	struct record *skeleton;
	struct ring_buffer *ring;
	int (*on_record)(void *arg, const struct gprobe_record *record);
	void *arg;
};

static int load_failed(struct gprobe_why *why, int err)
{
	return gprobe_bpf_load_failed(why, err, "records");
}

static int check(const struct gprobe_recorder_spec *spec,
		 struct gprobe_why *why)
{
	if (spec->ring_bytes < PAGE_BYTES ||
	    spec->ring_bytes & (spec->ring_bytes - 1))
		return gprobe_why(why, -EINVAL, "a ring of %u bytes: it must be a power of two, %u at least",
				  spec->ring_bytes, PAGE_BYTES);
	if (spec->wakeup_bytes >= spec->ring_bytes)
		return gprobe_why(why, -EINVAL, "a wake-up at %u bytes, which the ring of %u never has",
				  spec->wakeup_bytes, spec->ring_bytes);
	return 0;
}

static int set_up(struct record *skeleton,
		  const struct gprobe_recorder_spec *spec)
{
	int ret;

	skeleton->rodata->session = spec->session;
	skeleton->rodata->wakeup_bytes = spec->wakeup_bytes;
	ret = bpf_map__set_max_entries(skeleton->maps.records,
				       spec->ring_bytes);
	if (!ret)
		ret = bpf_map__set_max_entries(skeleton->maps.lost,
					       spec->max_claims);
	return ret ?: record__load(skeleton);
}

static int load(struct record **skeleton,
		const struct gprobe_recorder_spec *spec, struct gprobe_why *why)
{
	struct record *new = record__open();
	int ret = new ? set_up(new, spec) : -errno;

	if (ret) {
		record__destroy(new);
		return load_failed(why, ret);
	}
	*skeleton = new;
	return 0;
}

static int on_sample(void *ctx, void *data, size_t bytes)
{
	struct gprobe_recorder *recorder = ctx;

	return bytes < sizeof(struct gprobe_record) ? -EPROTO :
	       recorder->on_record(recorder->arg, data);
}

static int attach(struct gprobe_recorder *recorder, struct gprobe_why *why)
{
	int ret;

	recorder->ring = ring_buffer__new(
		bpf_map__fd(recorder->skeleton->maps.records), on_sample,
		recorder, NULL);
	if (!recorder->ring)
		return load_failed(why, -errno);
	ret = record__attach(recorder->skeleton);
	return ret ? gprobe_bpf_attach_failed(why, ret, "gprobe_record") : 0;
}

static int open_quietly(struct gprobe_recorder *recorder,
			const struct gprobe_recorder_spec *spec,
			struct gprobe_why *why)
{
	libbpf_print_fn_t before = gprobe_bpf_listen();
	int ret = load(&recorder->skeleton, spec, why) ?:
		  attach(recorder, why);

	libbpf_set_print(before);
	return ret;
}

/**
 * gprobe_recorder_open() - Begin to record.
 * @recorder: for gprobe_recorder_close()
 * @spec: whose hits, and how
 * @why: says why not, or NULL
 *
 * Open it before the claims are made, and no hit of theirs is missed.
 *
 * Return: 0; -EINVAL @spec makes no sense; -ENOENT the module is not loaded;
 * what loading BPF answers.
 */
int gprobe_recorder_open(struct gprobe_recorder **recorder,
			 const struct gprobe_recorder_spec *spec,
			 struct gprobe_why *why)
{
	struct gprobe_recorder_spec full = *spec;
	struct gprobe_recorder *new;
	int ret;

	if (!full.ring_bytes)
		full.ring_bytes = 1 << 20;
	if (!full.max_claims)
		full.max_claims = 1024;
	ret = check(&full, why);
	if (ret)
		return ret;
	new = calloc(1, sizeof(*new));
	if (!new)
		return load_failed(why, -ENOMEM);
	ret = open_quietly(new, &full, why);
	if (ret) {
		gprobe_recorder_close(new);
		return ret;
	}
	*recorder = new;
	return 0;
}

/**
 * gprobe_recorder_close() - Record no more.
 * @recorder: or NULL; records not read are gone
 */
void gprobe_recorder_close(struct gprobe_recorder *recorder)
{
	if (!recorder)
		return;
	ring_buffer__free(recorder->ring);
	record__destroy(recorder->skeleton);
	free(recorder);
}

/**
 * gprobe_recorder_fd() - What to poll for POLLIN.
 * @recorder: the recorder
 *
 * Return: a file descriptor that stays the recorder's.
 */
int gprobe_recorder_fd(const struct gprobe_recorder *recorder)
{
	return ring_buffer__epoll_fd(recorder->ring);
}

/**
 * gprobe_recorder_read() - Read what is there; never waits.
 * @recorder: the recorder
 * @on_record: called for each record
 * @arg: its first argument
 *
 * Return: how many records; what @on_record answered, if that was negative.
 */
int gprobe_recorder_read(struct gprobe_recorder *recorder,
			 int (*on_record)(void *arg,
					  const struct gprobe_record *record),
			 void *arg)
{
	recorder->on_record = on_record;
	recorder->arg = arg;
	return ring_buffer__consume(recorder->ring);
}

/**
 * gprobe_recorder_lost() - How many records found no room in the ring?
 * @recorder: the recorder
 *
 * Return: of all claims, since it was opened.
 */
__u64 gprobe_recorder_lost(const struct gprobe_recorder *recorder)
{
	return __atomic_load_n(&recorder->skeleton->bss->nr_lost,
			       __ATOMIC_RELAXED);
}

/**
 * gprobe_recorder_claim_lost() - How many of one claim found no room?
 * @recorder: the recorder
 * @claim: gprobe_claim_info.id
 *
 * Return: the count; see @max_claims of struct gprobe_recorder_spec.
 */
__u64 gprobe_recorder_claim_lost(const struct gprobe_recorder *recorder,
				 __u32 claim)
{
	__u64 lost = 0;

	bpf_map_lookup_elem(bpf_map__fd(recorder->skeleton->maps.lost), &claim,
			    &lost);
	return lost;
}
