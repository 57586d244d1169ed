// SPDX-License-Identifier: GPL-2.0
#include "hits_domain.h"

/**
 * hits_domain_of() - Whose is a probe?
 * @domains: the guests
 * @probe: its number, among those of all of them
 *
 * Return: the number of the guest.
 */
uint32_t hits_domain_of(const struct hits_domain *domains, uint32_t probe)
{
	uint32_t domain = 0;

	while (probe >= domains[domain].nr_probes)
		probe -= domains[domain++].nr_probes;
	return domain;
}
