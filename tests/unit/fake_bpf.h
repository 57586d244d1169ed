/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands where the kernel's BPF would: objects are opened by libbpf as always,
 * loaded and attached here.
 */
#ifndef GPROBE_UNIT_FAKE_BPF_H
#define GPROBE_UNIT_FAKE_BPF_H

#include <stddef.h>
#include <stdint.h>

#define FAKE_BPF_RECORDS	80

/**
 * struct fake_bpf - what happens, and what happened
 * @load_err: negative errno that loading answers
 * @attach_err: that attaching answers
 * @ring_err: that opening the ring's reader answers
 * @complaint: what libbpf says before it fails; or NULL
 * @rodata: settings of the object loaded last, and its zeroed data
 * @bss: that
 * @max_entries: of the maps called records and lost
 * @nr_rings: readers that are open
 * @records: what the ring has, @record_bytes each
 * @record_bytes: theirs
 * @nr_records: how many
 * @lost_key: the one that the map lost has
 * @lost: its value
 */
struct fake_bpf {
	int load_err, attach_err, ring_err;
	const char *complaint;
	const uint32_t *rodata;
	uint64_t *bss;
	struct {
		uint32_t records, lost;
	} max_entries;
	int nr_rings;
	char records[FAKE_BPF_RECORDS][512] __attribute__((aligned(8)));
	size_t record_bytes;
	int nr_records;
	uint32_t lost_key;
	uint64_t lost;
};

extern struct fake_bpf fake_bpf;

void fake_bpf_reset(void);

#endif /* GPROBE_UNIT_FAKE_BPF_H */
