/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that can be refused. */
#ifndef GPROBE_TABLES_FAKE_MEMORY_H
#define GPROBE_TABLES_FAKE_MEMORY_H

/*
 * The allocation after @nr more is refused, once; 0: none is. Says whether the
 * one before was.
 */
int fake_memory_refuse(unsigned int nr);

#endif /* GPROBE_TABLES_FAKE_MEMORY_H */
