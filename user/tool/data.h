/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file of `gprobe record`. All numbers are in the byte order of the machine
 * that wrote it, without padding.
 *
 *	head	magic (8 bytes), 0x01020304 (4), version (4)
 *	record	type (4), bytes (4), checksum of the content (4), checksum of the
 *		twelve bytes before (4), the content
 *	...
 *
 * A text is its length (2) and its bytes. The contents, in the order of the
 * types, which is that of the file but that hits and losses mix:
 *
 *	SESSION	start by CLOCK_MONOTONIC (8), by CLOCK_REALTIME (8), domid (4),
 *		vCPUs (4), probes (4), texts: domain, guest's version, gprobe's
 *		version, command line
 *	PROBE	gva (8), root (8), 1 if it is of a return (4), texts: the probe,
 *		what it fetches; so often as there are probes
 *	HIT	time (8), root (8), gva (8), duration or HIT_NO_DURATION (8), probe
 *		(4), vCPU (4), CPL (4), then what gprobe_fetch_run() gave
 *	LOST	time (8), hits that found no room, since the start (8)
 *	END	time (8), hits (8), lost (8), left out (8), 1 if the guest died (4)
 *
 * That is version 2, which is of one guest. Version 4 is of several:
 *
 *	SESSION	has behind its texts how many guests there are (4); the rest of it, and
 *		the PROBEs behind it, are of the first of them
 *	DOMAIN	of each other: domid (4), vCPUs (4), probes (4), texts: domain, guest's
 *		version; behind it are its PROBEs. Hits have the number of their probe
 *		among those of all guests
 *	LOST	has at its end which guest's they are (4)
 *	END	has at its end for each guest: hits (8), lost (8), left out (8), 1 if it
 *		died (4)
 *
 * Whoever writes it may die at any moment: then there is no END, and the last
 * record may be cut off.
 */
#ifndef GPROBE_TOOL_DATA_H
#define GPROBE_TOOL_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <gprobe/fetch.h>
#include <gprobe/probe.h>
#include <gprobe/why.h>

#include "hits.h"

#define DATA_MAGIC		"\x89GPROBE\n"
#define DATA_MAGIC_BYTES	8
#define DATA_BYTE_ORDER		0x01020304u
#define DATA_VERSION		2u
/* No bit that flips makes one of the other. */
#define DATA_VERSION_DOMAINS	4u
#define DATA_HEAD_BYTES		16

#define DATA_DEFAULT_PATH	"gprobe.data"

/* No content has more. */
#define DATA_CONTENT_MAX	(GPROBE_FETCH_BYTES_MAX + 64)
#define DATA_TEXT_MAX		8191
#define DATA_PROBES_MAX		(1u << 20)
#define DATA_DOMAINS_MAX	TARGETS_MAX
#define DATA_VCPUS_MAX		(8 * GPROBE_VCPU_BYTES_MAX)

enum data_type {
	DATA_SESSION = 1,
	DATA_PROBE,
	DATA_HIT,
	DATA_LOST,
	DATA_END,
	DATA_DOMAIN,
};

/**
 * struct data_session - what was recorded
 * @start_ns: when it began, by the clock of the hits
 * @wall_ns: the same by the wall's clock, since 1970
 * @domains: the guests
 * @nr_domains: how many, one at least
 * @gprobe_version: of who wrote it
 * @command: the command line
 * @probes: of all guests; @text, @part, @gva and @root are there
 * @fetches: what each of them fetches
 * @nr_probes: how many
 */
struct data_session {
	uint64_t start_ns, wall_ns;
	struct hits_domain *domains;
	size_t nr_domains;
	const char *gprobe_version, *command;
	struct gprobe_probe *probes;
	struct gprobe_fetch **fetches;
	size_t nr_probes;
};

/**
 * struct data_end - how it ended
 * @time_ns: when
 * @sum: what became of all hits
 * @died: a guest has died
 */
struct data_end {
	uint64_t time_ns;
	struct hits_sum sum;
	bool died;
};

/* --- writing; whether it worked the file tells --- */

void data_write_begin(FILE *file, const struct data_session *session);
void data_write_hit(FILE *file, const struct hit *hit);
void data_write_lost(FILE *file, const struct data_session *session,
		     uint32_t domain, uint64_t time_ns, uint64_t lost);
void data_write_end(FILE *file, const struct data_session *session,
		    const struct data_end *end);

/* --- reading --- */

/**
 * struct data - a file that is read
 * @session: what was recorded; of its guests also what became of their hits, as @end
 * @end: how it ended; where @is_cut, as far as is known
 * @is_cut: it has no end: who wrote it has died, or writes on
 * @cut_at: then: the offset of a record that is not whole, or of where the
 *	next would be
 * The rest is its own.
 */
struct data {
	struct data_session session;
	struct data_end end;
	bool is_cut;
	uint64_t cut_at;

	FILE *file;
	uint64_t at, end_at;
	uint64_t hits, last_ns;
	uint8_t *content;
	uint32_t version;
	size_t nr_expected;
	char *texts[2];
};

void data_domains_text(const struct data_session *session, char *text,
		       size_t bytes);
int data_open(struct data *data, FILE *file, struct gprobe_why *why);
int data_next(struct data *data, struct hit *hit, struct gprobe_why *why);
void data_close(struct data *data);

#endif /* GPROBE_TOOL_DATA_H */
