// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdlib.h>

/* Far above what the slowest test needs under a sanitizer. */
#define TIMEOUT_S 120

Suite *unit_suite(const char *name, const TTest *const *tests)
{
	TCase *tcase = tcase_create(name);
	Suite *suite = suite_create(name);

	tcase_set_timeout(tcase, TIMEOUT_S);
	for (; *tests; tests++)
		tcase_add_test(tcase, *tests);
	suite_add_tcase(suite, tcase);
	return suite;
}

uint64_t unit_random(uint64_t *state)
{
	uint64_t value = *state += 0x9e3779b97f4a7c15ULL;

	/* splitmix64 */
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

void unit_listen(struct unit_stderr *said)
{
	said->real = stderr;
	stderr = open_memstream(&said->text, &said->bytes);
}

const char *unit_said(const struct unit_stderr *said)
{
	fflush(stderr);
	return said->text;
}

void unit_unlisten(struct unit_stderr *said)
{
	fclose(stderr);
	stderr = said->real;
	free(said->text);
}
