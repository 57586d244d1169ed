/* SPDX-License-Identifier: GPL-2.0 */
/* Assertions of the model, which also runs where there is no test library. */
#ifndef GPROBE_TABLES_MODEL_CHECK_H
#define GPROBE_TABLES_MODEL_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define model_assert(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "# %s:%d: not true: %s\n", __FILE__, \
				__LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#endif /* GPROBE_TABLES_MODEL_CHECK_H */
