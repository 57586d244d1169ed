/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPROBE_LIB_GLOB_H
#define GPROBE_LIB_GLOB_H

#include <stdbool.h>

bool gprobe_is_glob(const char *text);
bool gprobe_glob_matches(const char *glob, const char *name);
unsigned int gprobe_glob_distance(const char *glob, const char *name,
				  unsigned int limit);
unsigned int gprobe_glob_letters(const char *glob);

#endif /* GPROBE_LIB_GLOB_H */
