/*
 * call/probe.h - free probes: is a provider that could not be reached back?
 * Its list of models is asked for, beside the calls; never billed.
 */
#ifndef LLMGW_CALL_PROBE_H
#define LLMGW_CALL_PROBE_H

#include "driver.h"
#include "route/breaker.h"

/**
 * A plan has seen that a breaker is open: have a free probe made, where it is
 * worth its while (llmgw__breaker_wants_free_probe()), and go on every two
 * seconds while calls are under way on this driver, until the provider is
 * reached or a call may tell. Any HTTP answer means that it is reached.
 *
 * Nothing is made where there is no list, or where the key is not a configured
 * one. What fails here is only not probed.
 *
 * @param breakers  borrowed; must outlive the driver
 * @param catalog   a reference is taken
 * @param target    copied
 */
void llmgw__probe_look(struct llmgw__driver *driver,
                       struct llmgw__breakers *breakers,
                       struct llmgw__catalog *catalog,
                       const struct llmgw__target *target);

#endif
