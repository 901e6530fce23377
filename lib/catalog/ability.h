/*
 * catalog/ability.h - the words for what a model can, cannot and refuses.
 */
#ifndef LLMGW_CATALOG_ABILITY_H
#define LLMGW_CATALOG_ABILITY_H

/* A word's place is its bit, or its value; NULL at the end of each. */
extern const char *const llmgw__ability_names[]; /* LLMGW__CAN_… */
extern const char *const llmgw__refusal_names[]; /* LLMGW__REFUSES_… */
extern const char *const llmgw__reasons_names[]; /* enum llmgw__reasons */

#endif
