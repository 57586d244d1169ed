// SPDX-License-Identifier: LGPL-2.1-or-later
/* The in-memory guest's memory. */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MOST_PAGES	(1ULL << 28)
#define MOST_VCPUS	4096u
#define MOST_CLAIMS	(1ULL << 22)

void *sim_reserve(uint64_t nr, size_t bytes)
{
	void *array;

	if (!nr)
		return NULL;
	array = mmap(NULL, nr * bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return array == MAP_FAILED ? NULL : array;
}

void sim_unreserve(void *array, uint64_t nr, size_t bytes)
{
	if (array)
		munmap(array, nr * bytes);
}

static int set_config(struct gprobe_sim *sim,
		      const struct gprobe_sim_config *config)
{
	struct gprobe_sim_config *is = &sim->config;

	if (config)
		*is = *config;
	is->frames = is->frames ? is->frames : 4096;
	is->shadows = is->shadows ? is->shadows : 1024;
	is->vcpus = is->vcpus ? is->vcpus : 1;
	is->views = is->views ? is->views : 9;
	if (!is->features)
		is->features = GPROBE_DRIVER_SHADOWS | GPROBE_DRIVER_VIEWS;
	if (is->frames > MOST_PAGES || is->shadows > MOST_PAGES ||
	    is->vcpus > MOST_VCPUS || is->views > GPROBE_SIM_VIEWS_MAX)
		return -EINVAL;
	sim->gfns = is->frames + is->shadows;
	/* As many again for those that take the place of others. */
	sim->nr_pages = 2 * is->frames + is->shadows;
	sim->next_page = is->frames + is->shadows;
	sim->next_table = is->frames;
	if (is->features & GPROBE_DRIVER_CLAIMS) {
		sim->nr_claims = MOST_CLAIMS;
		sim->nr_places = is->shadows * GPROBE_PAGE_SIZE;
	}
	return 0;
}

static bool reserve_all(struct gprobe_sim *sim)
{
	const struct gprobe_sim_config *is = &sim->config;

	sim->memory = sim_reserve(sim->nr_pages, GPROBE_PAGE_SIZE);
	sim->host = sim_reserve(sim->gfns, sizeof(*sim->host));
	sim->mapped = sim_reserve(sim->nr_pages, sizeof(*sim->mapped));
	sim->free_pages = sim_reserve(sim->nr_pages, sizeof(*sim->free_pages));
	sim->free_shadows = sim_reserve(is->shadows,
					sizeof(*sim->free_shadows));
	sim->claims = sim_reserve(sim->nr_claims, sizeof(*sim->claims));
	sim->free_claims = sim_reserve(sim->nr_claims,
				       sizeof(*sim->free_claims));
	sim->claim_at = sim_reserve(sim->nr_places, sizeof(*sim->claim_at));
	sim->views = sim_reserve(is->views + 1, sizeof(*sim->views));
	sim->log = sim_reserve(is->log_max, sizeof(*sim->log));
	sim->vcpus = sim_reserve(is->vcpus, sizeof(*sim->vcpus));
	return sim->memory && sim->host && sim->mapped && sim->free_pages &&
	       sim->free_shadows &&
	       (!sim->nr_claims || (sim->claims && sim->free_claims &&
				    sim->claim_at)) &&
	       sim->views && (sim->log || !is->log_max) && sim->vcpus;
}

/**
 * gprobe_sim_new() - Make a guest.
 * @config: what it is like, or NULL
 * @sim: the guest
 *
 * Return: 0; -EINVAL more than there can be of something; -ENOMEM.
 */
int gprobe_sim_new(const struct gprobe_sim_config *config,
		   struct gprobe_sim **sim)
{
	struct gprobe_sim *made = calloc(1, sizeof(*made));
	int ret;

	if (!made)
		return -ENOMEM;
	ret = set_config(made, config);
	if (!ret && !reserve_all(made))
		ret = -ENOMEM;
	if (ret) {
		gprobe_sim_free(made);
		return ret;
	}
	*sim = made;
	return 0;
}

/**
 * gprobe_sim_free() - Take a guest apart, mapped or not.
 * @sim: the guest, or NULL
 */
void gprobe_sim_free(struct gprobe_sim *sim)
{
	const struct gprobe_sim_config *is;

	if (!sim)
		return;
	is = &sim->config;
	sim_views_free(sim);
	sim_unreserve(sim->vcpus, is->vcpus, sizeof(*sim->vcpus));
	sim_unreserve(sim->log, is->log_max, sizeof(*sim->log));
	sim_unreserve(sim->views, is->views + 1, sizeof(*sim->views));
	sim_unreserve(sim->claim_at, sim->nr_places, sizeof(*sim->claim_at));
	sim_unreserve(sim->free_claims, sim->nr_claims,
		      sizeof(*sim->free_claims));
	sim_unreserve(sim->claims, sim->nr_claims, sizeof(*sim->claims));
	sim_unreserve(sim->free_shadows, is->shadows,
		      sizeof(*sim->free_shadows));
	sim_unreserve(sim->free_pages, sim->nr_pages,
		      sizeof(*sim->free_pages));
	sim_unreserve(sim->mapped, sim->nr_pages, sizeof(*sim->mapped));
	sim_unreserve(sim->host, sim->gfns, sizeof(*sim->host));
	sim_unreserve(sim->memory, sim->nr_pages, GPROBE_PAGE_SIZE);
	free(sim);
}

uint32_t sim_host_page(const struct gprobe_sim *sim, uint64_t gfn)
{
	if (gfn >= sim->gfns)
		return SIM_NONE;
	if (sim->host[gfn] == SIM_NONE)
		return SIM_NONE;
	if (sim->host[gfn])
		return sim->host[gfn] - 1;
	return gfn < sim->config.frames ? gfn : SIM_NONE;
}

uint8_t *sim_page_bytes(const struct gprobe_sim *sim, uint32_t page)
{
	return sim->memory + (uint64_t)page * GPROBE_PAGE_SIZE;
}

void sim_page_free(struct gprobe_sim *sim, uint32_t page)
{
	if (!sim->mapped[page])
		sim->free_pages[sim->nr_free_pages++] = page;
}

void sim_host_set(struct gprobe_sim *sim, uint64_t gfn, uint32_t page)
{
	uint32_t old = sim_host_page(sim, gfn);

	sim->host[gfn] = page == SIM_NONE ? SIM_NONE : page + 1;
	sim_views_follow(sim, gfn, page);
	/* Those of shadow frames stay theirs. */
	if (old != SIM_NONE && gfn < sim->config.frames)
		sim_page_free(sim, old);
}

/**
 * gprobe_sim_frame() - Reach into a frame, past all views.
 * @sim: the guest
 * @gfn: the frame
 *
 * Return: its 4096 bytes, until view 0 has another frame there; NULL: there is
 * none.
 */
void *gprobe_sim_frame(struct gprobe_sim *sim, uint64_t gfn)
{
	uint32_t page = sim_host_page(sim, gfn);

	return page == SIM_NONE ? NULL : sim_page_bytes(sim, page);
}

/**
 * gprobe_sim_frame_drop() - The guest gives a frame back (it balloons out).
 * @sim: the guest
 * @gfn: the frame
 *
 * Return: 0; -ENXIO there is none.
 */
int gprobe_sim_frame_drop(struct gprobe_sim *sim, uint64_t gfn)
{
	if (sim_host_page(sim, gfn) == SIM_NONE)
		return -ENXIO;
	sim_host_set(sim, gfn, SIM_NONE);
	return 0;
}

static int page_new(struct gprobe_sim *sim, uint32_t *page)
{
	if (sim->nr_free_pages)
		*page = sim->free_pages[--sim->nr_free_pages];
	else if (sim->next_page < sim->nr_pages)
		*page = sim->next_page++;
	else
		return -ENOMEM;
	return 0;
}

/**
 * gprobe_sim_frame_replace() - View 0 gets another frame with the same content.
 * @sim: the guest
 * @gfn: the frame; one that was dropped comes back, all zero
 *
 * Who has it mapped goes on seeing the old one.
 *
 * Return: 0; -ENXIO there cannot be such a frame; -ENOMEM.
 */
int gprobe_sim_frame_replace(struct gprobe_sim *sim, uint64_t gfn)
{
	uint32_t old = sim_host_page(sim, gfn), page;
	int ret;

	if (gfn >= sim->config.frames)
		return -ENXIO;
	ret = page_new(sim, &page);
	if (ret)
		return ret;
	if (old == SIM_NONE)
		memset(sim_page_bytes(sim, page), 0, GPROBE_PAGE_SIZE);
	else
		memcpy(sim_page_bytes(sim, page), sim_page_bytes(sim, old),
		       GPROBE_PAGE_SIZE);
	sim_host_set(sim, gfn, page);
	return 0;
}

static int check_range(const struct gprobe_sim *sim, uint64_t gpa,
		       size_t bytes)
{
	uint64_t gfn, last = (gpa + bytes - 1) / GPROBE_PAGE_SIZE;

	if (bytes > UINT64_MAX - gpa)
		return -ENXIO;
	for (gfn = gpa / GPROBE_PAGE_SIZE; gfn <= last; gfn++)
		if (sim_host_page(sim, gfn) == SIM_NONE)
			return -ENXIO;
	return 0;
}

static void copy(struct gprobe_sim *sim, uint64_t gpa, uint8_t *data,
		 size_t bytes, bool out)
{
	uint8_t *at;
	size_t part;

	for (; bytes; gpa += part, data += part, bytes -= part) {
		at = gprobe_sim_frame(sim, gpa / GPROBE_PAGE_SIZE);
		at += gpa % GPROBE_PAGE_SIZE;
		part = GPROBE_PAGE_SIZE - gpa % GPROBE_PAGE_SIZE;
		if (part > bytes)
			part = bytes;
		if (out)
			memcpy(data, at, part);
		else
			memcpy(at, data, part);
	}
}

/**
 * gprobe_sim_poke() - Write to memory, past all views: as a device would.
 * @sim: the guest
 * @gpa: where
 * @data: what
 * @bytes: how many
 *
 * Return: 0; -ENXIO a frame is not there; then nothing was written.
 */
int gprobe_sim_poke(struct gprobe_sim *sim, uint64_t gpa, const void *data,
		    size_t bytes)
{
	int ret = bytes ? check_range(sim, gpa, bytes) : 0;

	if (!ret)
		copy(sim, gpa, (uint8_t *)data, bytes, false);
	return ret;
}

/**
 * gprobe_sim_peek() - Read memory, past all views.
 * @sim: the guest
 * @gpa: where
 * @data: gets it
 * @bytes: how many
 *
 * Return: 0; -ENXIO a frame is not there.
 */
int gprobe_sim_peek(struct gprobe_sim *sim, uint64_t gpa, void *data,
		    size_t bytes)
{
	int ret = bytes ? check_range(sim, gpa, bytes) : 0;

	if (!ret)
		copy(sim, gpa, data, bytes, true);
	return ret;
}
