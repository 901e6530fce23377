/*
 * schema/models.h - a list of models: "provider/model", each once.
 */
#ifndef LLMGW_SCHEMA_MODELS_H
#define LLMGW_SCHEMA_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/arena.h"
#include "base/jsonwrite.h"
#include "base/map.h"

struct llmgw__listed_model {
    llmgw_str id;
    llmgw_str owner;
    int64_t created; /* seconds since 1970; 0: not told */
};

struct llmgw__model_list {
    struct llmgw__listed_model *models; /* in the order they came */
    size_t count;
    size_t cap;
    struct llmgw__map known;   /* by id */
    struct llmgw__arena arena; /* bounded */
};

void llmgw__models_init(struct llmgw__model_list *list, size_t limit);
/**
 * Add a model, unless it is there.
 *
 * @param provider  stands before the name and a slash; empty: the name alone
 * @retval LLMGW_E_LIMIT  the list has become too large
 */
llmgw_status llmgw__models_add(struct llmgw__model_list *list,
                               llmgw_str provider, llmgw_str name,
                               int64_t created);
/** Writes members of ours into a model's object. */
typedef void (*llmgw__model_more_fn)(const void *userdata, size_t index,
                                     struct llmgw__jsonw *w);
/** Is it a name of the gateway's own, a route's? */
bool llmgw__listed_is_own(const struct llmgw__listed_model *model);
/** Write the members of OpenAI's list into an open object. */
void llmgw__models_render(const struct llmgw__model_list *list,
                          llmgw__model_more_fn more, const void *userdata,
                          struct llmgw__jsonw *w);
void llmgw__models_clear(struct llmgw__model_list *list);

#endif
