/* SPDX-License-Identifier: GPL-2.0 */
/* TAP for a test program: any thread may check, the program ends by tap_end(). */
#ifndef GPROBE_FAKE_TAP_H
#define GPROBE_FAKE_TAP_H

#include <stdbool.h>
#include <stdint.h>

/* The promise that is checked; printf()'s format. */
bool ok(bool good, const char *promise, ...)
	__attribute__((format(printf, 2, 3)));
/* ok(got == wanted), and says both when they differ. */
bool is(uint64_t got, uint64_t wanted, const char *promise, ...)
	__attribute__((format(printf, 3, 4)));
void skip(const char *promise, const char *need);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What a test cannot go on after: it says so and ends. */
void bail(const char *what, int err) __attribute__((noreturn));
/* The exit status. */
int tap_end(void);

#endif /* GPROBE_FAKE_TAP_H */
