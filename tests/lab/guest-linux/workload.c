// SPDX-License-Identifier: GPL-2.0
/*
 * The only program of the lab's Linux guest: runs as its init, takes commands
 * from the console, one a line, and answers each with one line WORKLOAD-...
 *
 *   run WHAT COUNT [THREADS]  issue WHAT exactly COUNT times in each thread
 *   loop WHAT SECONDS         the same for a time by the guest's clock (WHAT
 *                             may be "mix"; 0: until any line comes), totals
 *   check                     is memory, code and file data as it was at start?
 *   peek ADDR LEN             bytes of the kernel's memory, up to 64
 *   dmesg                     kernel messages of level warning or worse since
 *                             the start or the last "dmesg"
 *   page map|unmap|move|child|reap, page call|both COUNT
 *                             a page of code, and a process that shares it: see
 *                             pages.h
 *   paths open|reuse COUNT, paths odd
 *                             files that are not there, by known names: see
 *                             paths.h; and say the names
 *   sleep MS COUNT THREADS    COUNT times clock_nanosleep() in each thread: MS in
 *                             the first, twice MS in the second, ...; and say
 *                             how long each took; see naps.h
 *   list, poweroff
 *
 * Counts are exact: threads exist from the start, the console is read and
 * written by readv and writev, threads meet by futex, and nothing else runs.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "kcore.h"
#include "naps.h"
#include "pages.h"
#include "paths.h"

#define MAX_THREADS 8
#define PATTERN_BYTES (1 << 20)
#define LOOP_BATCH 16

struct worker {
	pthread_t thread;
	int cpu;
	unsigned long bad;
	unsigned long done[MAX_CALLS];
};

/* What the workers are to do next; published by a new job_round. */
static struct {
	int nr_threads;
	const struct call *call;	/* NULL: each in turn */
	unsigned long count;
	atomic_int stop;		/* for a count of 0 */
} job;

static atomic_uint job_round;
static atomic_int job_running, job_ready;
static struct worker workers[MAX_THREADS];
static int nr_workers;

static unsigned char *pattern;
static unsigned long code_sum, file_sum;
static int self_fd = -1;

static void say(const char *format, ...)
{
	char line[512];
	struct iovec iov = { .iov_base = line };
	va_list args;

	va_start(args, format);
	iov.iov_len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (iov.iov_len >= sizeof(line))
		iov.iov_len = sizeof(line) - 1;
	if (writev(STDOUT_FILENO, &iov, 1) < 0)
		_exit(1);
}

static void futex_wait(atomic_uint *word, unsigned int value)
{
	syscall(SYS_futex, word, 0 /* FUTEX_WAIT */, value, NULL, NULL, 0);
}

static void futex_wake_all(atomic_uint *word)
{
	syscall(SYS_futex, word, 1 /* FUTEX_WAKE */, MAX_THREADS, NULL, NULL, 0);
}

/* --- workers ------------------------------------------------------------- */

static void issue(struct worker *worker, const struct call *call)
{
	worker->done[call - calls]++;
	if (!call->issue())
		worker->bad++;
}

static void work(struct worker *worker)
{
	unsigned long i, next = 0;

	if (job.count) {
		for (i = 0; i < job.count; i++)
			issue(worker, job.call);
		return;
	}
	while (!atomic_load(&job.stop)) {
		for (i = 0; i < LOOP_BATCH; i++) {
			issue(worker, job.call ? job.call : &calls[next++]);
			next %= nr_calls;
		}
	}
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	unsigned int seen = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(worker->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		_exit(1);
	atomic_fetch_add(&job_ready, 1);
	for (;;) {
		while (atomic_load(&job_round) == seen)
			futex_wait(&job_round, seen);
		seen = atomic_load(&job_round);
		if (worker - workers >= job.nr_threads)
			continue;
		/* All start together, so that they truly overlap. */
		atomic_fetch_add(&job_ready, 1);
		while (atomic_load(&job_ready) < job.nr_threads)
			;
		work(worker);
		atomic_fetch_sub(&job_running, 1);
	}
	return NULL;
}

static void nap(void)
{
	struct timespec ts = { .tv_nsec = 10000000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

static void start_workers(void)
{
	int i;

	nr_workers = sysconf(_SC_NPROCESSORS_ONLN);
	if (nr_workers > MAX_THREADS)
		nr_workers = MAX_THREADS;
	for (i = 0; i < nr_workers; i++) {
		workers[i].cpu = i;
		if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]))
			_exit(1);
	}
	while (atomic_load(&job_ready) < nr_workers)
		nap();
}

static void start_job(const struct call *call, unsigned long count, int threads)
{
	int i;

	for (i = 0; i < nr_workers; i++) {
		workers[i].bad = 0;
		memset(workers[i].done, 0, sizeof(workers[i].done));
	}
	job.call = call;
	job.count = count;
	job.nr_threads = threads;
	atomic_store(&job.stop, 0);
	atomic_store(&job_ready, 0);
	atomic_store(&job_running, threads);
	atomic_fetch_add(&job_round, 1);
	futex_wake_all(&job_round);
}

static unsigned long finish_job(void)
{
	unsigned long bad = 0;
	int i;

	while (atomic_load(&job_running))
		nap();
	for (i = 0; i < nr_workers; i++)
		bad += workers[i].bad;
	return bad;
}

/* --- commands ------------------------------------------------------------ */

static const struct call *find_call(const char *name)
{
	int i;

	for (i = 0; i < nr_calls; i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	return NULL;
}

static void say_verdict(const char *head, unsigned long bad)
{
	if (bad)
		say("%s bad %lu\n", head, bad);
	else
		say("%s ok\n", head);
}

static void cmd_run(const char *what, unsigned long count, unsigned long threads)
{
	const struct call *call = find_call(what);
	char head[128];

	if (!threads)
		threads = 1;
	if (!call || !count || threads > (unsigned long)nr_workers) {
		say("WORKLOAD-ERROR run %s %lu %lu\n", what, count, threads);
		return;
	}
	start_job(call, count, threads);
	snprintf(head, sizeof(head), "WORKLOAD-DONE %s %lu %lu", what, count, threads);
	say_verdict(head, finish_job());
}

static void cmd_loop(const char *what, unsigned long seconds)
{
	const struct call *call = find_call(what);
	struct pollfd console = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned long total, bad;
	int i, w;

	if (!call && strcmp(what, "mix")) {
		say("WORKLOAD-ERROR loop %s\n", what);
		return;
	}
	start_job(call, 0, nr_workers);
	poll(&console, 1, seconds ? (int)seconds * 1000 : -1);
	atomic_store(&job.stop, 1);
	bad = finish_job();
	for (i = 0; i < nr_calls; i++) {
		for (total = 0, w = 0; w < nr_workers; w++)
			total += workers[w].done[i];
		if (total)
			say("WORKLOAD-TOTAL %s %lu\n", calls[i].name, total);
	}
	say_verdict("WORKLOAD-LOOPED", bad);
}

static unsigned long fnv(unsigned long sum, const unsigned char *bytes, size_t len)
{
	while (len--)
		sum = (sum ^ *bytes++) * 0x100000001b3;
	return sum;
}

static unsigned long sum_code(void)
{
	extern const unsigned char __executable_start[], etext[];

	return fnv(1, __executable_start, etext - __executable_start);
}

static unsigned long sum_file(void)
{
	unsigned char chunk[4096];
	unsigned long sum = 1;
	off_t at = 0;
	ssize_t got;

	while ((got = pread(self_fd, chunk, sizeof(chunk), at)) > 0) {
		sum = fnv(sum, chunk, got);
		at += got;
	}
	return sum;
}

static void cmd_check(void)
{
	const char *wrong = "ok";
	size_t i;

	for (i = 0; i < PATTERN_BYTES; i++)
		if (pattern[i] != (unsigned char)(i * 7 + (i >> 12)))
			wrong = "bad memory";
	if (sum_code() != code_sum)
		wrong = "bad code";
	if (sum_file() != file_sum)
		wrong = "bad file";
	say("WORKLOAD-CHECK %s\n", wrong);
}

static void cmd_peek(unsigned long addr, unsigned long len)
{
	unsigned char bytes[64];
	char hex[2 * sizeof(bytes) + 1] = "";
	unsigned long i;

	if (!len || len > sizeof(bytes) || kcore_read(addr, bytes, len)) {
		say("WORKLOAD-ERROR peek %lx %lu\n", addr, len);
		return;
	}
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	say("WORKLOAD-PEEK %lx %s\n", addr, hex);
}

/* Reads and clears; says the serious lines when @aloud, returns their number. */
static unsigned int kernel_complaints(int aloud)
{
	static char log[1 << 18];
	unsigned int level, count = 0;
	char *line, *rest;
	int got = klogctl(4 /* SYSLOG_ACTION_READ_CLEAR */, log, sizeof(log) - 1);

	log[got > 0 ? got : 0] = 0;
	for (line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "<%u>", &level) != 1 || (level & 7) > 4)
			continue;
		count++;
		if (aloud)
			say("%s\n", line);
	}
	return count;
}

static void cmd_list(void)
{
	int i;

	for (i = 0; i < nr_calls; i++)
		say("%s %s\n", calls[i].name, calls[i].function);
	say("WORKLOAD-LIST %d\n", nr_calls);
}

static void cmd_page(const char *what, unsigned long count)
{
	static const struct {
		const char *name;
		bool (*once)(void);
		bool (*often)(unsigned long count);
	} ways[] = {
		{ .name = "map", .once = pages_map },
		{ .name = "unmap", .once = pages_unmap },
		{ .name = "move", .once = pages_move },
		{ .name = "child", .once = pages_child },
		{ .name = "reap", .once = pages_reap },
		{ .name = "call", .often = pages_call },
		{ .name = "both", .often = pages_both },
	};
	size_t i;
	bool done = false;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].name, what))
			done = ways[i].once ? ways[i].once() :
			       ways[i].often(count);
	if (done)
		say("WORKLOAD-DONE page %s pti=%d\n", what, pages_pti());
	else
		say("WORKLOAD-ERROR page %s\n", what);
}

static void cmd_paths(const char *how, unsigned long count)
{
	unsigned long i;
	bool done;

	if (!strcmp(how, "open"))
		done = paths_open(count);
	else if (!strcmp(how, "reuse"))
		done = paths_reuse(count);
	else
		done = !strcmp(how, "odd") && paths_odd();
	if (!done) {
		say("WORKLOAD-ERROR paths %s %lu\n", how, count);
		return;
	}
	for (i = 0; i < count; i++)
		say("PATH %s\n", paths_get(i));
	say("WORKLOAD-DONE paths %s\n", how);
}

static void cmd_sleep(unsigned long ms, unsigned long count,
		      unsigned long threads)
{
	unsigned long thread, i;

	if (!naps_take(ms, count, threads)) {
		say("WORKLOAD-ERROR sleep %lu %lu %lu\n", ms, count, threads);
		return;
	}
	for (thread = 0; thread < threads; thread++)
		for (i = 0; i < count; i++)
			say("NAP %lu %llu\n", ms * (thread + 1),
			    (unsigned long long)naps_took_ns(thread, i));
	say("WORKLOAD-DONE sleep %lu %lu %lu\n", ms, count, threads);
}

static void command(char *line)
{
	char verb[32] = "", what[32] = "";
	unsigned long a = 0, b = 0, c = 0;

	sscanf(line, "%31s", verb);
	if (!strcmp(verb, "run") && sscanf(line, "run %31s %lu %lu", what, &a, &b) >= 2)
		cmd_run(what, a, b);
	else if (!strcmp(verb, "loop") && sscanf(line, "loop %31s %lu", what, &a) == 2)
		cmd_loop(what, a);
	else if (!strcmp(verb, "sleep") && sscanf(line, "sleep %lu %lu %lu", &a, &b, &c) == 3)
		cmd_sleep(a, b, c);
	else if (!strcmp(verb, "peek") && sscanf(line, "peek %lx %lu", &a, &b) == 2)
		cmd_peek(a, b);
	else if (!strcmp(verb, "page") && sscanf(line, "page %31s %lu", what, &a) >= 1)
		cmd_page(what, a);
	else if (!strcmp(verb, "paths") && sscanf(line, "paths %31s %lu", what, &a) >= 1)
		cmd_paths(what, a);
	else if (!strcmp(verb, "check"))
		cmd_check();
	else if (!strcmp(verb, "dmesg"))
		say("WORKLOAD-DMESG %u\n", kernel_complaints(1));
	else if (!strcmp(verb, "list"))
		cmd_list();
	else if (!strcmp(verb, "poweroff"))
		reboot(LINUX_REBOOT_CMD_POWER_OFF);
	else if (*verb)
		say("WORKLOAD-ERROR %s\n", verb);
}

/* --- life ---------------------------------------------------------------- */

static void open_console(void)
{
	struct termios raw;
	int fd = open("/dev/hvc0", O_RDWR | O_NOCTTY);

	if (fd < 0)
		_exit(1);
	tcgetattr(fd, &raw);
	raw.c_lflag = ICANON;
	raw.c_iflag = ICRNL;
	tcsetattr(fd, TCSANOW, &raw);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
}

static void remember_state(void)
{
	size_t i;

	pattern = malloc(PATTERN_BYTES);
	self_fd = open("/init", O_RDONLY);
	if (!pattern || self_fd < 0)
		_exit(1);
	for (i = 0; i < PATTERN_BYTES; i++)
		pattern[i] = i * 7 + (i >> 12);
	code_sum = sum_code();
	file_sum = sum_file();
}

int main(void)
{
	char line[256];
	struct iovec iov = { .iov_base = line, .iov_len = sizeof(line) - 1 };
	ssize_t got;

	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	open_console();
	if (calls_open() || kcore_open())
		say("WORKLOAD-ERROR start\n");
	remember_state();
	start_workers();
	kernel_complaints(0);
	say("WORKLOAD-READY %d\n", nr_workers);
	for (;;) {
		got = readv(STDIN_FILENO, &iov, 1);
		if (got <= 0) {
			nap();
			continue;
		}
		line[got] = 0;
		command(line);
	}
}
