/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading BPF programs, and why one cannot be; the command's counter uses it too. */
#ifndef GPROBE_LIB_BPF_H
#define GPROBE_LIB_BPF_H

#include <bpf/libbpf.h>

#include <gprobe/why.h>

libbpf_print_fn_t gprobe_bpf_listen(void);
int gprobe_bpf_load_failed(struct gprobe_why *why, int err, const char *what);
int gprobe_bpf_attach_failed(struct gprobe_why *why, int err,
			     const char *tracepoint);

#endif /* GPROBE_LIB_BPF_H */
