/* SPDX-License-Identifier: GPL-2.0 */
/* What the page-table monitor's work is, for whoever does it. */
#ifndef GPROBE_BENCH_WATCHER_H
#define GPROBE_BENCH_WATCHER_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_LEVELS	4

/* What of an entry is an address; bit 0: it is present. */
#define BENCH_ADDRESS	0x000ffffffffff000ULL

/**
 * struct bench_guest - a guest that has page tables and nothing else
 * @memory: its frames, from 0 on; 512 entries each
 * @nr: how many
 */
struct bench_guest {
	uint64_t *memory;
	uint64_t nr;
};

/* An address, and its last entry. */
struct bench_way {
	uint64_t root, gva, entry_gpa;
};

/**
 * struct watcher - a monitor of page tables
 * @name: in the output
 * @new: make one without addresses; it may know how many there will be
 * @free: free it, once all addresses have left
 * @monitor: an address
 * @store: mark an entry that is stored to, and process it: how many times
 *	somebody was told that an address went, or came
 * @unmonitor: an address
 */
struct watcher {
	const char *name;
	void *(*new)(const struct bench_guest *guest, uint32_t nr);
	void (*free)(void *watcher);
	bool (*monitor)(void *watcher, const struct bench_way *way);
	uint32_t (*store)(void *watcher, uint64_t entry_gpa);
	bool (*unmonitor)(void *watcher, const struct bench_way *way);
};

extern const struct watcher watcher_gprobe;
extern const struct watcher watcher_uthash;
extern const struct watcher watcher_rculfhash;

void bench_watchers_memory(uint32_t nr);
void bench_watchers(uint32_t nr);

#endif /* GPROBE_BENCH_WATCHER_H */
