/*
 * schema/models.c - a list of models.
 *
 * Source: OpenAI API, "List models". Memory: the names, bounded, and a map of
 * them.
 */
#include "models.h"

#include <string.h>

#include "base/alloc.h"

/** Owner of a name that is the gateway's own: a route's. */
static const char own[] = "llmgw";

void llmgw__models_init(struct llmgw__model_list *list, size_t limit)
{
    memset(list, 0, sizeof *list);
    llmgw__map_init(&list->known);
    llmgw__arena_init(&list->arena, 0, limit);
}

/** "provider/name", NUL-ended; the text counts towards the limit. */
static char *join(struct llmgw__model_list *list, llmgw_str provider,
                  llmgw_str name)
{
    size_t before = provider.len ? provider.len + 1 : 0;
    char *id = llmgw__arena_alloc(&list->arena, before + name.len + 1);

    if (!id)
        return NULL;
    if (provider.len) {
        memcpy(id, provider.data, provider.len);
        id[provider.len] = '/';
    }
    if (name.len)
        memcpy(id + before, name.data, name.len);
    id[before + name.len] = '\0';
    return id;
}

llmgw_status llmgw__models_add(struct llmgw__model_list *list,
                               llmgw_str provider, llmgw_str name,
                               int64_t created)
{
    size_t len = name.len + (provider.len ? provider.len + 1 : 0);
    struct llmgw__listed_model *model;
    char *id;

    if (list->arena.limit && list->arena.used + len >= list->arena.limit)
        return LLMGW_E_LIMIT;
    id = join(list, provider, name);
    if (!id)
        return LLMGW_E_NOMEM;
    if (llmgw__map_get(&list->known, llmgw__str_n(id, len)))
        return LLMGW_OK;
    if (llmgw__grow((void **)&list->models, &list->cap, list->count + 1,
                    sizeof *list->models))
        return LLMGW_E_NOMEM;
    if (llmgw__map_set(&list->known, llmgw__str_n(id, len), id) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    model = &list->models[list->count++];
    model->id = llmgw__str_n(id, len);
    model->owner =
        provider.len ? llmgw__str_n(id, provider.len) : llmgw__str(own);
    model->created = created;
    return LLMGW_OK;
}

bool llmgw__listed_is_own(const struct llmgw__listed_model *model)
{
    return model->owner.data == own;
}

void llmgw__models_render(const struct llmgw__model_list *list,
                          llmgw__model_more_fn more, const void *userdata,
                          struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_z(w, "object", "list");
    llmgw__jsonw_member_open(w, "data", '[');
    for (size_t i = 0; i < list->count; i++) {
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_str(w, "id", list->models[i].id);
        llmgw__jsonw_member_z(w, "object", "model");
        llmgw__jsonw_member_int(w, "created", list->models[i].created);
        llmgw__jsonw_member_str(w, "owned_by", list->models[i].owner);
        more(userdata, i, w);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
}

void llmgw__models_clear(struct llmgw__model_list *list)
{
    llmgw__map_clear(&list->known);
    llmgw__arena_clear(&list->arena);
    llmgw__free(list->models);
    list->models = NULL;
    list->count = list->cap = 0;
}
