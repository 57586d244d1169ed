// SPDX-License-Identifier: GPL-2.0
/* gprobe_host_*(): whether there is a Xen, and which guests. */
#include <gprobe/guest.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_xen.h"
#include "unit.h"

#define HVM	XEN_DOMINF_hvm_guest

static struct gprobe_host *set_up(void)
{
	struct gprobe_host *host;

	ck_assert_int_eq(gprobe_host_open(&host, NULL), 0);
	return host;
}

static void tear_down(struct gprobe_host *host)
{
	gprobe_host_close(host);
	ck_assert_int_eq(fake_xen.nr_handles, 0);
}

static void check_no_host(int err, const char *words)
{
	struct gprobe_host *host = NULL;
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_host_open(&host, &why), err);
	unit_says(&why, words);
	ck_assert_ptr_null(host);
	ck_assert_int_eq(fake_xen.nr_handles, 0);
}

START_TEST(a_machine_without_xen_is_enodev)
{
	static const char *const types[] = { NULL, "", "kvm\n", "xenon\n" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		fake_xen_reset();
		fake_xen.type = types[i];
		check_no_host(-ENODEV, "no Xen");
	}
}
END_TEST

START_TEST(xen_is_found_by_its_device_too)
{
	fake_xen_reset();
	fake_xen.type = NULL;
	fake_xen.device = true;
	tear_down(set_up());
	gprobe_host_close(NULL);
}
END_TEST

START_TEST(missing_rights_are_eacces)
{
	fake_xen_reset();
	fake_xen.open_errno = EACCES;
	check_no_host(-EACCES, "run as root");
	fake_xen.open_errno = 0;
	fake_xen.foreign_errno = EPERM;
	check_no_host(-EACCES, "run as root");
}
END_TEST

START_TEST(an_unreachable_xen_is_said)
{
	fake_xen_reset();
	fake_xen.open_errno = ENOENT;
	check_no_host(-ENOENT, "is xen-privcmd loaded?");
}
END_TEST

START_TEST(another_domain_than_dom0_is_eperm)
{
	fake_xen_reset();
	fake_xen.list_errno = EPERM;
	check_no_host(-EPERM, "this is not dom0");
	/* A Xen of our version that says EACCES has the same reason. */
	fake_xen.list_errno = EACCES;
	check_no_host(-EPERM, "this is not dom0");
}
END_TEST

START_TEST(a_xen_of_another_version_is_eprotonosupport)
{
	fake_xen_reset();
	fake_xen.list_errno = EACCES;
	fake_xen.version = 4 << 16 | 22;
	check_no_host(-EPROTONOSUPPORT,
		      "Xen 4.22 runs here, and this program was built for Xen 4.17 (domctl version 0x15)");
	/* One that is not known yet refuses in the same way. */
	fake_xen.version = 4 << 16 | 99;
	check_no_host(-EPROTONOSUPPORT,
		      "Xen 4.99 runs here, and this program was built for Xen 4.17");
}
END_TEST

START_TEST(a_version_is_given_in_parts)
{
	struct gprobe_host_info info;
	struct gprobe_host *host;

	fake_xen_reset();
	fake_xen.extra = ".7-pre-a-long-one";
	host = set_up();
	ck_assert_int_eq(gprobe_host_info(host, &info), 0);
	ck_assert_uint_eq(info.major, 4);
	ck_assert_uint_eq(info.minor, 17);
	ck_assert_str_eq(info.extra, ".7-pre-a-long-o");
	ck_assert_uint_eq(info.domctl_version, 0x15);
	fake_xen.extra = NULL;
	ck_assert_int_eq(gprobe_host_info(host, &info), 0);
	ck_assert_str_eq(info.extra, "");
	fake_xen.version = -1;
	ck_assert_int_eq(gprobe_host_info(host, &info), -EPERM);
	tear_down(host);
}
END_TEST

START_TEST(the_last_word_about_altp2m_counts)
{
	static const struct {
		const char *line;
		int mode;
	} cases[] = {
		{ "", 0 }, { "dom0_mem=1G", 0 }, { "altp2m", 1 },
		{ "console=com1 altp2m=1 loglvl=all", 1 }, { "altp2m=on", 1 },
		{ "altp2m=yes", 1 }, { "altp2m=true", 1 }, { "altp2m=0", 0 },
		{ "altp2m=off", 0 }, { "no-altp2m", 0 }, { "altp2mx", 0 },
		{ "altp2m no-altp2m", 0 }, { "altp2m=0  altp2m=1", 1 },
		{ NULL, -1 },
	};
	struct gprobe_host_info info;
	struct gprobe_host *host;
	size_t i;

	fake_xen_reset();
	host = set_up();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_xen.command_line = cases[i].line;
		ck_assert_int_eq(gprobe_host_info(host, &info), 0);
		ck_assert_msg(info.altp2m_mode == cases[i].mode, "'%s': %d",
			      cases[i].line, info.altp2m_mode);
	}
	tear_down(host);
}
END_TEST

START_TEST(each_xen_has_its_domctl_version)
{
	static const uint32_t versions[] = {
		0x13, 0x14, 0x15, 0x16, 0x17, 0x17, 0x17, 0x18,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		ck_assert_uint_eq(gprobe_domctl_version(4, 15 + i),
				  versions[i]);
	ck_assert_uint_eq(gprobe_domctl_version(4, 14),
			  XEN_DOMCTL_INTERFACE_VERSION);
	ck_assert_uint_eq(gprobe_domctl_version(4, 99),
			  XEN_DOMCTL_INTERFACE_VERSION);
	ck_assert_uint_eq(gprobe_domctl_version(5, 17),
			  XEN_DOMCTL_INTERFACE_VERSION);
}
END_TEST

START_TEST(all_domains_are_listed)
{
	struct gprobe_guest_info *infos;
	struct gprobe_host *host;
	size_t nr, i;

	fake_xen_reset();
	for (i = 1; i < 150; i++)
		fake_xen_add(i * 3, "guest", HVM | XEN_DOMINF_paused);
	host = set_up();
	ck_assert_int_eq(gprobe_host_guests(host, &infos, &nr), 0);
	ck_assert_uint_eq(nr, 150);
	for (i = 1; i < nr; i++) {
		ck_assert_uint_eq(infos[i].domid, i * 3);
		ck_assert_str_eq(infos[i].name, "guest");
		ck_assert_uint_eq(infos[i].vcpus, 2);
		ck_assert_uint_eq(infos[i].memory_kib, 1024);
		ck_assert(infos[i].hvm && infos[i].paused && !infos[i].dying);
	}
	free(infos);
	tear_down(host);
}
END_TEST

START_TEST(a_list_that_fails_on_its_way_is_no_list)
{
	struct gprobe_guest_info *infos;
	struct gprobe_host *host;
	size_t nr, i;

	fake_xen_reset();
	for (i = 1; i < 150; i++)
		fake_xen_add(i, "guest", HVM);
	host = set_up();
	fake_xen.list_errno = EIO;
	fake_xen.list_fails_from = 100;
	ck_assert_int_eq(gprobe_host_guests(host, &infos, &nr), -EIO);
	ck_assert_ptr_null(infos);
	tear_down(host);
}
END_TEST

START_TEST(without_xenstore_domains_have_no_names)
{
	struct gprobe_guest_info *infos;
	struct gprobe_host *host;
	size_t nr;

	fake_xen_reset();
	fake_xen_add(7, "guest", HVM);
	fake_xen.no_xenstore = true;
	host = set_up();
	ck_assert_int_eq(gprobe_host_guests(host, &infos, &nr), 0);
	ck_assert_str_eq(infos[1].name, "");
	free(infos);
	tear_down(host);
}
END_TEST

static void add_guests(void)
{
	fake_xen_reset();
	fake_xen_add(3, "web", HVM);
	fake_xen_add(4, "pv", 0);
	fake_xen_add(5, "ill", HVM | XEN_DOMINF_dying);
	fake_xen_add(6, NULL, HVM);
	fake_xen_add(7, "database", HVM);
	fake_xen_add(8, "databases", HVM);
}

START_TEST(a_guest_is_found_by_name_and_by_number)
{
	static const struct {
		const char *name;
		uint32_t domid;
	} cases[] = {
		{ "web", 3 }, { "3", 3 }, { "00003", 3 }, { "6", 6 },
		{ "database", 7 }, { "databases", 8 },
	};
	struct gprobe_guest_info info;
	struct gprobe_host *host;
	size_t i;

	add_guests();
	host = set_up();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ck_assert_int_eq(gprobe_host_find(host, cases[i].name, &info,
						  NULL), 0);
		ck_assert_uint_eq(info.domid, cases[i].domid);
	}
	tear_down(host);
}
END_TEST

START_TEST(a_guest_that_cannot_be_probed_is_refused)
{
	static const struct {
		const char *name;
		int err;
		const char *words;
	} cases[] = {
		{ "Domain-0", -EINVAL, "is dom0" }, { "0", -EINVAL, "dom0" },
		{ "pv", -EOPNOTSUPP, "is a PV guest" },
		{ "ill", -ESHUTDOWN, "is dying" },
		{ "databose", -ENOENT, "nearest: database, databases" },
		{ "alien_name", -ENOENT, "gprobe domain list" },
		{ "", -ENOENT, "no domain ''" },
		{ "99", -ENOENT, "no domain '99'" },
		{ "000003", -ENOENT, "no domain '000003'" },
		{ "4294967299", -ENOENT, "no domain '4294967299'" },
	};
	struct gprobe_guest_info info;
	struct gprobe_host *host;
	struct gprobe_why why;
	size_t i;

	add_guests();
	host = set_up();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ck_assert_int_eq(gprobe_host_find(host, cases[i].name, &info,
						  &why), cases[i].err);
		unit_says(&why, cases[i].words);
	}
	fake_xen.list_errno = EIO;
	ck_assert_int_eq(gprobe_host_find(host, "web", &info, &why), -EIO);
	unit_says(&why, "does not list its domains");
	tear_down(host);
}
END_TEST

START_TEST(many_near_names_are_cut_off)
{
	char name[GPROBE_GUEST_NAME_MAX + 1];
	struct gprobe_guest_info info;
	struct gprobe_host *host;
	struct gprobe_why why;
	int i;

	fake_xen_reset();
	memset(name, 'n', sizeof(name));
	name[60] = '\0';
	for (i = 1; i < 20; i++)
		fake_xen_add(i, name, HVM);
	host = set_up();
	ck_assert_int_eq(gprobe_host_find(host, name + 1, &info, &why),
			 -ENOENT);
	unit_says(&why, "nearest: nnn");
	tear_down(host);
}
END_TEST

Suite *host_suite(void)
{
	return UNIT_SUITE("host", a_machine_without_xen_is_enodev,
		xen_is_found_by_its_device_too, missing_rights_are_eacces,
		an_unreachable_xen_is_said, another_domain_than_dom0_is_eperm,
		a_xen_of_another_version_is_eprotonosupport,
		a_version_is_given_in_parts, the_last_word_about_altp2m_counts,
		each_xen_has_its_domctl_version, all_domains_are_listed,
		a_list_that_fails_on_its_way_is_no_list,
		without_xenstore_domains_have_no_names,
		a_guest_is_found_by_name_and_by_number,
		a_guest_that_cannot_be_probed_is_refused,
		many_near_names_are_cut_off);
}
