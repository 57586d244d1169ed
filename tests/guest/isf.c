// SPDX-License-Identifier: GPL-2.0
/*
 * isf SYSTEM_MAP BTF: what dwarf2json would write for Volatility of a Linux kernel: all
 * symbols, and those types that tell of a task.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

static const char *separator = "";

/* "unnamed_..." of those that have no name, as dwarf2json calls them. */
static void put_name(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const char *name = btf__name_by_offset(btf, type->name_off);

	if (name && *name)
		printf("\"%s\"", name);
	else
		printf("\"unnamed_%" PRIx32 "\"", id);
}

static int is_composite(const struct btf *btf, uint32_t id)
{
	return btf_is_composite(btf__type_by_id(btf, id));
}

static void put_field(const struct btf *btf, const struct btf_type *type,
		      uint32_t i)
{
	const struct btf_member *member = &btf_members(type)[i];
	const char *name = btf__name_by_offset(btf, member->name_off);
	uint32_t offset = btf_member_bit_offset(type, i) / 8;

	if (name && *name)
		printf("%s\"%s\":{\"type\":{\"kind\":", i ? "," : "", name);
	else
		printf("%s\"unnamed_field_%" PRIx32 "\":{\"anonymous\":true,\"type\":{\"kind\":",
		       i ? "," : "", offset);
	if (is_composite(btf, member->type)) {
		printf("\"struct\",\"name\":");
		put_name(btf, member->type);
	} else {
		printf("\"base\",\"name\":\"int\"");
	}
	printf("},\"offset\":%" PRIu32 "}", offset);
}

/* With what has no name in it. */
static void put_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_member *member = btf_members(type);
	uint32_t i;

	printf("%s", separator);
	separator = ",\n";
	put_name(btf, id);
	printf(":{\"size\":%" PRIu32 ",\"fields\":{", type->size);
	for (i = 0; i < btf_vlen(type); i++)
		put_field(btf, type, i);
	printf("},\"kind\":\"struct\"}");
	for (i = 0; i < btf_vlen(type); i++)
		if (is_composite(btf, member[i].type) &&
		    !*btf__name_by_offset(btf, member[i].name_off))
			put_type(btf, member[i].type);
}

static void put_types(const struct btf *btf)
{
	static const char *const names[] = { "task_struct", "pcpu_hot" };
	size_t i;
	int id;

	printf("\"user_types\":{");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		id = btf__find_by_name_kind(btf, names[i], BTF_KIND_STRUCT);
		if (id > 0)
			put_type(btf, id);
	}
	printf("},\n");
}

static void put_symbols(FILE *map)
{
	uint64_t address;
	char type, name[512];

	printf("\"symbols\":{");
	separator = "";
	while (fscanf(map, "%" SCNx64 " %c %511s", &address, &type, name) == 3) {
		printf("%s\"%s\":{\"type\":{\"kind\":\"base\",\"name\":\"%s\"},\"address\":%" PRIu64 "}",
		       separator, name, strchr("TtWw", type) ? "void" : "long",
		       address);
		separator = ",\n";
	}
	printf("}}\n");
}

int main(int argc, char **argv)
{
	struct btf *btf = argc == 3 ? btf__parse(argv[2], NULL) : NULL;
	FILE *map = argc == 3 ? fopen(argv[1], "r") : NULL;

	if (!btf || !map) {
		fputs("usage: isf SYSTEM_MAP BTF\n", stderr);
		return 1;
	}
	printf("{\"metadata\":{\"format\":\"6.2.0\"},\"base_types\":{},\n");
	put_types(btf);
	put_symbols(map);
	fclose(map);
	btf__free(btf);
	return 0;
}
