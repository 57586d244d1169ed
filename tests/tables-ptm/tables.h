/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the page-table monitor share: a guest and its monitor. */
#ifndef GPROBE_TABLES_H
#define GPROBE_TABLES_H

#include <errno.h>
#include <string.h>

#include <gprobe/ptm.h>
#include <gprobe/sim.h>

#include "unit.h"

/* An address, and where it is at first. */
#define GVA		0x40080601234ULL
#define PAGE		0x5000ULL
#define OTHER_PAGE	0x6000ULL

#define PAGE_2M		(2ULL << 20)
#define PAGE_1G		(1ULL << 30)
#define PRESENT		GPROBE_SIM_PRESENT
#define LARGE		GPROBE_SIM_LARGE

/* What the driver does for a monitor. */
enum tables_kind {
	TABLES_PROTECTED,
	TABLES_WATCHED,
	TABLES_KINDS
};

/* The features of such a driver. */
uint32_t tables_features(enum tables_kind kind);

/**
 * struct tables - a guest, a view of it, a root that maps nothing, a monitor
 * @guard: the call by which stores to an entry come to be told
 * @said: what the listener was told: "-GVA=GPA" out, "+GVA=GPA" in, in hex;
 *	"@ROOT" if it is not @root, "/VIEW" if it is not @view, "!" again
 * @refuse_out: what the next page-out is answered
 * @refuse_in: what the next page-in is answered
 * @hook: called before each answer, or NULL
 * @race_entry: the guest stores @race_value there whenever stores are about to
 *	be told that were not: after it was read, before anybody hears of it
 */
struct tables {
	struct gprobe_sim *sim;
	struct gprobe_driver_ops ops;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_ptm *ptm;
	uint32_t view, guard;
	uint64_t root;
	char said[8192];
	int refuse_out, refuse_in;
	void (*hook)(void);
	uint64_t race_entry, race_value;
};

/* The one of the test that runs. */
extern struct tables tables;

/* What is called around each test; @setup: after @begin, or NULL. */
struct tables_fixture {
	void (*begin)(void), (*end)(void), (*setup)(void);
};

extern const struct tables_fixture tables_watched;

void tables_case(Suite *suite, const char *name,
		 const struct tables_fixture *fixture,
		 const TTest *const *tests);

/*
 * A suite whose tests find @tables made, and @setup called, or NULL; each test
 * once for each kind of driver. After each all is unmonitored, and it fails
 * unless the guest is as before.
 */
#define TABLES_SUITE(name, setup, ...) \
	tables_suite(name, setup, (const TTest *[]){ __VA_ARGS__, NULL })
Suite *tables_suite(const char *name, void (*setup)(void),
		    const TTest *const *tests);
/* The same within a test, with another guest: one like this, or NULL. */
void tables_restart(const struct gprobe_sim_config *config);

/* The monitor's place is taken by one that tells somebody else. */
void tables_listen(const struct gprobe_ptm_listener *listener);

/* Map without anybody being told: it was so before. */
void tables_map(uint64_t gva, uint64_t gpa, uint64_t page_bytes);
/* Monitor GVA-like addresses in @tables' view and root; these must work. */
void tables_monitor(uint64_t gva);
void tables_unmonitor(uint64_t gva);
/* The entry that an address meets: where it is. */
uint64_t tables_entry(uint64_t gva, unsigned int level);
uint64_t tables_value(uint64_t entry);
/* A vCPU stores an entry: marked, done, not yet processed. */
void tables_store(uint32_t vcpu, uint64_t entry, uint64_t value);
/* The same by vCPU 0, processed too. */
void tables_write(uint64_t entry, uint64_t value);
void tables_process(uint32_t vcpu);
/* Fails unless the listener was told just this since. */
void tables_told(const char *said);
uint32_t tables_access(uint64_t gfn);
struct gprobe_ptm_figures tables_figures(void);

Suite *follow_suite(void);
Suite *ptm_events_suite(void);
Suite *ptm_faults_suite(void);
Suite *ptm_levels_suite(void);
Suite *ptm_marks_suite(void);
Suite *ptm_model_suite(void);
Suite *ptm_monitor_suite(void);
Suite *ptm_shared_suite(void);
Suite *ptm_watched_suite(void);
Suite *sim_driver_suite(void);
Suite *sim_memory_suite(void);
Suite *sim_vcpu_suite(void);
Suite *sim_view_suite(void);
Suite *sim_watch_suite(void);

#endif /* GPROBE_TABLES_H */
