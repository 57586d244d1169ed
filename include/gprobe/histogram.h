/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/*
 * Log-linear histograms: eight buckets for each power of two, so a bucket is
 * never wider than an eighth of its values. One function for BPF programs, the
 * module and user space; the includer provides __u64 (linux/types.h).
 */
#ifndef GPROBE_HISTOGRAM_H
#define GPROBE_HISTOGRAM_H

#define GPROBE_HISTOGRAM_SUB_BITS	3
#define GPROBE_HISTOGRAM_SUB		(1u << GPROBE_HISTOGRAM_SUB_BITS)

/* The values below 8 have a bucket each, then 61 powers of two follow. */
#define GPROBE_HISTOGRAM_BUCKETS \
	((64 - GPROBE_HISTOGRAM_SUB_BITS + 1) * GPROBE_HISTOGRAM_SUB)

/**
 * gprobe_histogram_bucket() - The bucket that counts a value.
 * @value: any
 *
 * Return: an index below GPROBE_HISTOGRAM_BUCKETS.
 */
static inline __attribute__((always_inline)) unsigned int
gprobe_histogram_bucket(__u64 value)
{
	__u64 rest = value;
	unsigned int log2 = 0;

	if (value < GPROBE_HISTOGRAM_SUB)
		return value;
	if (rest >> 32) {
		rest >>= 32;
		log2 += 32;
	}
	if (rest >> 16) {
		rest >>= 16;
		log2 += 16;
	}
	if (rest >> 8) {
		rest >>= 8;
		log2 += 8;
	}
	if (rest >> 4) {
		rest >>= 4;
		log2 += 4;
	}
	if (rest >> 2) {
		rest >>= 2;
		log2 += 2;
	}
	log2 += rest >> 1;
	return (log2 - GPROBE_HISTOGRAM_SUB_BITS + 1) * GPROBE_HISTOGRAM_SUB +
	       (value >> (log2 - GPROBE_HISTOGRAM_SUB_BITS)) %
	       GPROBE_HISTOGRAM_SUB;
}

/**
 * gprobe_histogram_highest() - The highest value a bucket counts.
 * @bucket: below GPROBE_HISTOGRAM_BUCKETS
 *
 * Return: the value.
 */
static inline __u64 gprobe_histogram_highest(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < GPROBE_HISTOGRAM_SUB)
		return bucket;
	shift = bucket / GPROBE_HISTOGRAM_SUB - 1;
	/* The last one wraps to all ones, as it should. */
	return ((GPROBE_HISTOGRAM_SUB + bucket % GPROBE_HISTOGRAM_SUB + 1ULL)
		<< shift) - 1;
}

/**
 * gprobe_histogram_percentile() - A value that so many percent do not exceed.
 * @buckets: GPROBE_HISTOGRAM_BUCKETS counts
 * @percent: 1 to 100; 100 gives the maximum
 *
 * Return: the highest value of the bucket it falls in, so at most an eighth
 * above the true one; 0 of an empty histogram.
 */
static inline __u64 gprobe_histogram_percentile(const __u64 *buckets,
						unsigned int percent)
{
	__u64 total = 0, seen = 0, rank;
	unsigned int i;

	for (i = 0; i < GPROBE_HISTOGRAM_BUCKETS; i++)
		total += buckets[i];
	if (!total)
		return 0;
	/* ceil(total * percent / 100), and no overflow. */
	rank = total / 100 * percent + (total % 100 * percent + 99) / 100;
	for (i = 0; i < GPROBE_HISTOGRAM_BUCKETS - 1; i++) {
		seen += buckets[i];
		if (seen >= rank)
			break;
	}
	return gprobe_histogram_highest(i);
}

#endif /* GPROBE_HISTOGRAM_H */
