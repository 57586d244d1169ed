// SPDX-License-Identifier: GPL-2.0
/*
 * OpenMetrics 1.0 text, which is Prometheus' text too: there, counters are of no
 * known type. A file is replaced as a whole, so that whoever reads it never has half
 * of it.
 */
#include "stat_metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "number.h"
#include "say.h"
#include "text.h"

/* Collectors do not read it: they want .prom at the end. */
#define NEW_SUFFIX	".new"

/* Limits of the histogram: 2^N - 1 ns, from 255 ns to 1.07 s. */
#define FIRST_LIMIT	8
#define LAST_LIMIT	30

static void put_label(FILE *file, const char *name, const char *value)
{
	struct text_name clean = text_name(value);
	const char *at;

	fprintf(file, "%s=\"", name);
	for (at = clean.text; *at; at++)
		fprintf(file, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
	fputc('"', file);
}

static void put_domain(FILE *file, const struct stat_domain *domain)
{
	put_label(file, "domain", domain->name);
	fprintf(file, ",domid=\"%" PRIu32 "\"", domain->domid);
}

/* A metric's name, and its labels but for the last brace. */
static void put_probe(FILE *file, const char *name,
		      const struct stat_domain *domain, size_t probe)
{
	const struct gprobe_probe *of = &domain->sampler.sample.probes[probe];

	fprintf(file, "%s{", name);
	put_domain(file, domain);
	fputc(',', file);
	put_label(file, "probe", of->text);
	fprintf(file, ",gva=\"0x%" PRIx64 "\"", of->gva);
}

static void put_type(FILE *file, const char *name, const char *type,
		     const char *help)
{
	fprintf(file, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static void put_hits(const struct stat_output *output,
		     const struct stat_domain *domain, size_t probe)
{
	const struct stat_sample *all = &domain->sampler.sample;
	const char *name = "gprobe_hits_total";
	FILE *file = output->file;
	uint32_t i;

	if (!output->options->per_vcpu) {
		put_probe(file, name, domain, probe);
		fprintf(file, "} %" PRIu64 "\n",
			stat_sample_count(all, probe));
		return;
	}
	for (i = 0; i < all->nr_vcpus; i++) {
		put_probe(file, name, domain, probe);
		fprintf(file, ",vcpu=\"%" PRIu32 "\"} %" PRIu64 "\n", i,
			all->counts[probe * all->nr_vcpus + i]);
	}
}

/* Of a return, calls took the time. */
static const char *histogram_of(bool is_return)
{
	return is_return ? "gprobe_call_seconds" : "gprobe_handling_seconds";
}

/* @limit: as text; @count: so many took no longer */
static void put_bucket(FILE *file, const struct stat_domain *domain,
		       size_t probe, const char *limit, uint64_t count)
{
	const struct stat_sample *all = &domain->sampler.sample;
	char name[40];

	snprintf(name, sizeof(name), "%s_bucket",
		 histogram_of(stat_sample_is_return(all, probe)));
	put_probe(file, name, domain, probe);
	fprintf(file, ",le=\"%s\"} %" PRIu64 "\n", limit, count);
}

/* What all of them took together is known of calls alone. */
static void put_calls(FILE *file, const struct stat_domain *domain,
		      size_t probe, uint64_t count)
{
	const struct stat_sample *all = &domain->sampler.sample;

	put_probe(file, "gprobe_call_seconds_count", domain, probe);
	fprintf(file, "} %" PRIu64 "\n", count);
	put_probe(file, "gprobe_call_seconds_sum", domain, probe);
	fprintf(file, "} %s\n", number_seconds(all->calls_ns[probe]).text);
}

static void put_histogram(FILE *file, const struct stat_domain *domain,
			  size_t probe)
{
	const __u64 *latencies = domain->sampler.sample.latencies +
				 probe * GPROBE_HISTOGRAM_BUCKETS;
	unsigned int log2 = FIRST_LIMIT, i;
	uint64_t count = 0;

	for (i = 0; i < GPROBE_HISTOGRAM_BUCKETS; i++) {
		count += latencies[i];
		if (log2 > LAST_LIMIT ||
		    gprobe_histogram_highest(i) != (UINT64_C(1) << log2) - 1)
			continue;
		put_bucket(file, domain, probe,
			   number_seconds((UINT64_C(1) << log2) - 1).text,
			   count);
		log2++;
	}
	put_bucket(file, domain, probe, "+Inf", count);
	if (stat_sample_is_return(&domain->sampler.sample, probe))
		put_calls(file, domain, probe, count);
}

/* --- a metric has the figures of all guests together --- */

static void put_all_hits(const struct stat_output *output)
{
	const struct stat_sample *all;
	size_t domain, i;

	put_type(output->file, "gprobe_hits", "counter",
		 "How often the guest ran over a probe.");
	for (domain = 0; domain < output->nr_domains; domain++) {
		all = &output->domains[domain].sampler.sample;
		for (i = 0; i < all->nr_probes; i++)
			if (all->counted[i])
				put_hits(output, &output->domains[domain], i);
	}
}

static void put_histograms(const struct stat_output *output, bool of_returns,
			   const char *help)
{
	const struct stat_sample *all;
	size_t domain, i;

	put_type(output->file, histogram_of(of_returns), "histogram", help);
	for (domain = 0; domain < output->nr_domains; domain++) {
		all = &output->domains[domain].sampler.sample;
		for (i = 0; i < all->nr_probes; i++)
			if (all->counted[i] &&
			    stat_sample_is_return(all, i) == of_returns)
				put_histogram(output->file,
					      &output->domains[domain], i);
	}
}

static void put_unknown(const struct stat_output *output)
{
	const struct stat_domain *domain = output->domains;
	const struct stat_sample *all;
	FILE *file = output->file;
	size_t left, i;

	put_type(file, "gprobe_calls_unknown", "counter",
		 "Returns of calls of which it is not known how long they took.");
	for (left = output->nr_domains; left; left--, domain++) {
		all = &domain->sampler.sample;
		for (i = 0; i < all->nr_probes; i++) {
			if (!all->counted[i] || !stat_sample_is_return(all, i))
				continue;
			put_probe(file, "gprobe_calls_unknown_total", domain,
				  i);
			fprintf(file, "} %" PRIu64 "\n",
				all->calls_unknown[i]);
		}
	}
}

/* Of a guest: one figure. */
static void put_figure(FILE *file, const char *name,
		       const struct stat_domain *domain, const char *figure)
{
	fprintf(file, "%s{", name);
	put_domain(file, domain);
	fprintf(file, "} %s\n", figure);
}

static void put_all(const struct stat_output *output)
{
	const struct stat_domain *domain;
	FILE *file = output->file;
	size_t i;

	put_all_hits(output);
	put_histograms(output, false,
		       "How long the module took to handle a hit.");
	put_histograms(output, true,
		       "How long calls took, of functions whose return is probed.");
	put_unknown(output);
	put_type(file, "gprobe_events_lost", "counter",
		 "Events that are in no count.");
	for (i = 0; i < output->nr_domains; i++) {
		domain = &output->domains[i];
		put_figure(file, "gprobe_events_lost_total", domain,
			   number_plain(domain->sampler.sample.lost).text);
	}
	put_type(file, "gprobe_counted_seconds", "gauge",
		 "For how long the probes have been in.");
	for (i = 0; i < output->nr_domains; i++) {
		domain = &output->domains[i];
		put_figure(file, "gprobe_counted_seconds", domain,
			   number_seconds(domain->sampler.sample.run_ns).text);
	}
	fputs("# EOF\n", file);
}

static int failed(const char *path)
{
	return say(STATUS_FAILED, "%s: %s", path, strerror(errno));
}

/**
 * stat_metrics_check() - Can the file be written?
 * @path: the file; it stays as it is
 *
 * Return: the exit status.
 */
int stat_metrics_check(const char *path)
{
	char new[PATH_MAX];
	struct stat info;
	int fd;

	if (strlen(path) + sizeof(NEW_SUFFIX) > sizeof(new)) {
		errno = ENAMETOOLONG;
		return failed(path);
	}
	/* Another file would take the place of /dev/null, say. */
	if (!stat(path, &info) && !S_ISREG(info.st_mode))
		return say(STATUS_FAILED, "%s: not a file that can be replaced",
			   path);
	snprintf(new, sizeof(new), "%s%s", path, NEW_SUFFIX);
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		  0644);
	if (fd < 0)
		return failed(new);
	close(fd);
	unlink(new);
	return STATUS_DONE;
}

/**
 * stat_metrics_write() - Put figures into the file, in place of those before.
 * @output: its @file does not matter; its domains' samples are of all the time
 *
 * Return: the exit status.
 */
int stat_metrics_write(const struct stat_output *output)
{
	const char *path = output->options->metrics;
	struct stat_output to = *output;
	char new[PATH_MAX];
	int fd;

	snprintf(new, sizeof(new), "%s%s", path, NEW_SUFFIX);
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		  0644);
	to.file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!to.file) {
		if (fd >= 0)
			close(fd);
		return failed(new);
	}
	put_all(&to);
	errno = 0;
	if (fflush(to.file) | ferror(to.file) | fclose(to.file) ||
	    rename(new, path)) {
		errno = errno ? errno : EIO;
		failed(new);
		unlink(new);
		return STATUS_FAILED;
	}
	return STATUS_DONE;
}
