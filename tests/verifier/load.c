// SPDX-License-Identifier: GPL-2.0
/*
 * load OBJECT...: loads the BPF programs of each object, so that the kernel's
 * verifier sees them, and prints for each "OBJECT PROGRAM NUMBER": how many
 * instructions the verifier has gone through. What it refuses is shown with its
 * log, on stderr; the status is 1 then.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define SETTING		64
#define SETTINGS_MAX	64

static int show(const char *path, const struct bpf_program *program)
{
	const char *slash = strrchr(path, '/');
	struct bpf_prog_info info = { 0 };
	__u32 bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &bytes)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	printf("%s %s %u\n", slash ? slash + 1 : path,
	       bpf_program__name(program), info.verified_insns);
	return 0;
}

/*
 * The verifier knows what is constant, and leaves out what cannot be reached: with
 * all settings 0 that is most.
 */
static int set_all(const struct bpf_object *object)
{
	__u32 settings[SETTINGS_MAX];
	struct bpf_map *map;
	size_t bytes, i;

	for (i = 0; i < SETTINGS_MAX; i++)
		settings[i] = SETTING;
	bpf_object__for_each_map(map, object) {
		if (!strstr(bpf_map__name(map), ".rodata"))
			continue;
		bpf_map__initial_value(map, &bytes);
		if (bytes > sizeof(settings) ||
		    bpf_map__set_initial_value(map, settings, bytes))
			return 1;
	}
	return 0;
}

static int load(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;
	int status = 0;

	if (!object || set_all(object) || bpf_object__load(object)) {
		fprintf(stderr, "%s: refused\n", path);
		status = 1;
	} else {
		bpf_object__for_each_program(program, object)
			status |= show(path, program);
	}
	bpf_object__close(object);
	return status;
}

int main(int argc, char **argv)
{
	int status = 0, i;

	for (i = 1; i < argc; i++)
		status |= load(argv[i]);
	return status;
}
