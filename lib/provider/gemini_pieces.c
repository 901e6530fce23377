/*
 * provider/gemini_pieces.c - tool arguments that come leaf by leaf.
 *
 *     $.title "Nor" …       {"title":"Nor
 *     $.title "way"         way"
 *     $.stops[0].city "X"   ,"stops":[{"city":"X"
 *     $.days 5              }],"days":5
 *
 * Each leaf is named by its path. The text is written as it comes: containers
 * that the new path leaves are closed, those that it enters are opened. Paths
 * come depth first; one that leads back into what is closed cannot be written
 * any more. Source: Google's SDK types (PartialArg), recorded answers.
 * Memory: the last path, and the names used in the containers that are open.
 */
#include "gemini_pieces.h"

enum {
    MAX_DEPTH = 64,
    MAX_PATH = 32 * 1024,
    MAX_USED = 1024 * 1024
};

/* A container that is open. */
struct container {
    size_t path_len;  /* its path is that much of the last one */
    size_t used_from; /* its names in `used` */
    uint32_t count;   /* elements, of an array */
    bool array;
};

struct llmgw__gemini_pieces {
    bool open;   /* there is a call */
    bool string; /* the last leaf is a string that goes on */
    uint32_t index;
    struct container stack[MAX_DEPTH]; /* the first is the root */
    size_t depth;
    struct llmgw__buf path; /* of the last leaf */
    struct llmgw__buf used; /* names: length in two bytes, text */
    struct llmgw__buf out;  /* what one leaf adds to the arguments */
};

/* One entry of the list. */
struct leaf {
    struct llmgw__jstr raw; /* jsonPath */
    llmgw_str path;         /* the same, "[]" cut from its end */
    bool list_end;          /* there was one */
    bool goes_on;
    struct llmgw__jstr text; /* stringValue */
    llmgw_str value;         /* any other, JSON; empty: none */
};

/* One step of a path: a name, or a place in an array. */
struct step {
    llmgw_str name;
    int64_t place; /* -1: a name */
    size_t end;    /* offset behind it */
};

static void read_leaf(struct llmgw__json *json, struct leaf *leaf);
static llmgw_status read_path(struct leaf *leaf, struct llmgw__arena *arena);
static void read_value(struct llmgw__json *json, llmgw_str key,
                       struct leaf *leaf);
static bool write_leaf(struct llmgw__gemini_pieces *p, const struct leaf *leaf);
static bool enter(struct llmgw__gemini_pieces *p, llmgw_str path);
static bool enter_step(struct llmgw__gemini_pieces *p, const struct step *step);
static bool open_container(struct llmgw__gemini_pieces *p, size_t path_len,
                           bool array);
static void close_to(struct llmgw__gemini_pieces *p, size_t depth);
static void close_string(struct llmgw__gemini_pieces *p);
static void write_value(struct llmgw__gemini_pieces *p,
                        const struct leaf *leaf);
static size_t shared_depth(const struct llmgw__gemini_pieces *p,
                           llmgw_str path);
static bool is_known(const struct llmgw__gemini_pieces *p, llmgw_str path);
static bool is_used(const struct llmgw__gemini_pieces *p, size_t depth,
                    llmgw_str name);
static bool next_step(llmgw_str path, size_t from, struct step *step);
static llmgw_status tell(const struct llmgw__decode *decode,
                         const struct llmgw__gemini_choice *choice, bool last);
static llmgw_status status_of(const struct llmgw__gemini_pieces *p);

llmgw_status llmgw__gemini_pieces_start(const struct llmgw__decode *decode,
                                        struct llmgw__gemini_choice *choice,
                                        uint32_t index)
{
    struct llmgw__gemini_pieces *p = choice->pieces;
    llmgw_status status = llmgw__gemini_pieces_end(decode, choice);

    if (status != LLMGW_OK)
        return status;
    if (!p) {
        p = llmgw__arena_zalloc(decode->arena, sizeof *p);
        if (!p)
            return LLMGW_E_NOMEM;
        llmgw__buf_init(&p->path, MAX_PATH);
        llmgw__buf_init(&p->used, MAX_USED);
        choice->pieces = p;
    }
    p->open = true;
    p->index = index;
    return LLMGW_OK;
}

llmgw_status llmgw__gemini_pieces_add(struct llmgw__gemini_reading *r,
                                      struct llmgw__gemini_choice *choice,
                                      llmgw_str list)
{
    struct llmgw__gemini_pieces *p = choice->pieces;
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;

    llmgw__json_init(&json, list);
    r->pieces = !p || !p->open || !llmgw__json_array(&json);
    while (!r->pieces && status == LLMGW_OK && llmgw__json_item(&json)) {
        struct leaf leaf;

        llmgw__buf_reset(&p->out);
        read_leaf(&json, &leaf);
        status = read_path(&leaf, r->decode->scratch);
        if (status != LLMGW_OK)
            return status;
        r->pieces = !write_leaf(p, &leaf);
        status = status_of(p);
        if (status == LLMGW_OK && !r->pieces && p->out.len > 0)
            status = tell(r->decode, choice, false);
    }
    return status;
}

llmgw_status llmgw__gemini_pieces_end(const struct llmgw__decode *decode,
                                      struct llmgw__gemini_choice *choice)
{
    struct llmgw__gemini_pieces *p = choice->pieces;

    if (!p || !p->open)
        return LLMGW_OK;
    llmgw__buf_reset(&p->out);
    if (p->depth == 0)
        open_container(p, 0, false);
    close_to(p, 0);
    p->open = false;
    llmgw__buf_reset(&p->path);
    llmgw__buf_reset(&p->used);
    return p->out.status == LLMGW_OK ? tell(decode, choice, true)
                                     : p->out.status;
}

void llmgw__gemini_pieces_clear(struct llmgw__gemini_choice *choice)
{
    if (!choice->pieces)
        return;
    llmgw__buf_clear(&choice->pieces->path);
    llmgw__buf_clear(&choice->pieces->used);
    llmgw__buf_clear(&choice->pieces->out);
}

static llmgw_status status_of(const struct llmgw__gemini_pieces *p)
{
    const llmgw_status all[] = {p->path.status, p->used.status, p->out.status};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] != LLMGW_OK)
            return all[i];
    return LLMGW_OK;
}

static llmgw_status tell(const struct llmgw__decode *decode,
                         const struct llmgw__gemini_choice *choice, bool last)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_ARGS,
                                 .variant = last,
                                 .choice = choice->index,
                                 .index = choice->pieces->index,
                                 .text = llmgw__buf_str(&choice->pieces->out)};

    return decode->emit(decode->userdata, &chunk);
}

/* --- reading --- */

static void read_leaf(struct llmgw__json *json, struct leaf *leaf)
{
    llmgw_str key;

    *leaf = (struct leaf){.raw = {"", 0, false}};
    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (LLMGW__GEMINI_KEY(key, "jsonPath"))
            llmgw__json_string(json, &leaf->raw);
        else if (LLMGW__GEMINI_KEY(key, "willContinue"))
            llmgw__json_bool(json, &leaf->goes_on);
        else
            read_value(json, key, leaf);
}

static llmgw_status read_path(struct leaf *leaf, struct llmgw__arena *arena)
{
    llmgw_status status = llmgw__jstr_text(leaf->raw, arena, &leaf->path);

    leaf->list_end = llmgw__str_ends(leaf->path, "[]");
    if (leaf->list_end)
        leaf->path.len -= 2;
    return status;
}

/* A whole number is written as one, whatever its notation. */
static void read_value(struct llmgw__json *json, llmgw_str key,
                       struct leaf *leaf)
{
    if (LLMGW__GEMINI_KEY(key, "stringValue")) {
        llmgw__json_string(json, &leaf->text);
    } else if (LLMGW__GEMINI_KEY(key, "numberValue")) {
        llmgw__json_number(json, &leaf->value);
    } else if (LLMGW__GEMINI_KEY(key, "boolValue")) {
        leaf->value = llmgw__json_raw(json);
    } else if (LLMGW__GEMINI_KEY(key, "nullValue")) {
        llmgw__json_skip(json);
        leaf->value = LLMGW__LIT("null");
    } else {
        llmgw__json_skip(json);
    }
}

/* The step that begins at `from`: .name [7] ['name']; false: none does. */
static bool next_step(llmgw_str path, size_t from, struct step *step)
{
    const char *at = path.data + from, *end = path.data + path.len;
    const char *stop = at + 1;

    *step = (struct step){.place = -1};
    if (at == end)
        return false;
    if (*at == '.') {
        while (stop < end && *stop != '.' && *stop != '[')
            stop++;
        step->name = llmgw__str_n(at + 1, (size_t)(stop - at) - 1);
        step->end = (size_t)(stop - path.data);
        return step->name.len > 0;
    }
    stop = memchr(at, ']', (size_t)(end - at));
    if (*at != '[' || !stop)
        return false;
    step->end = (size_t)(stop - path.data) + 1;
    step->name = llmgw__str_n(at + 1, (size_t)(stop - at) - 1);
    if (llmgw__str_int64(step->name, &step->place))
        return step->place >= 0;
    step->place = -1;
    if (step->name.len < 3 || !strchr("'\"", step->name.data[0]) ||
        step->name.data[step->name.len - 1] != step->name.data[0])
        return false;
    step->name = llmgw__str_n(step->name.data + 1, step->name.len - 2);
    return true;
}

/* --- writing --- */

static bool write_leaf(struct llmgw__gemini_pieces *p, const struct leaf *leaf)
{
    bool value = leaf->text.data || leaf->value.len > 0;
    bool path = leaf->path.len > 0 && leaf->path.data[0] == '$';
    bool same =
        p->string && llmgw__str_eq(leaf->path, llmgw__buf_str(&p->path));

    if (!path)
        return false;
    if (same && leaf->text.data) {
        llmgw__buf_add(&p->out, leaf->text.data, leaf->text.len);
        if (!leaf->goes_on)
            close_string(p);
        return true;
    }
    close_string(p);
    if (!value && (same || is_known(p, leaf->path)))
        return true; /* only says that it has ended */
    if (!enter(p, leaf->path))
        return false;
    write_value(p, leaf);
    return true;
}

static void write_value(struct llmgw__gemini_pieces *p, const struct leaf *leaf)
{
    int64_t whole;

    if (leaf->text.data) {
        llmgw__buf_add_char(&p->out, '"');
        llmgw__buf_add(&p->out, leaf->text.data, leaf->text.len);
        p->string = true;
        if (!leaf->goes_on)
            close_string(p);
    } else if (leaf->value.len == 0) {
        llmgw__buf_add_z(&p->out, leaf->list_end ? "[]" : "{}");
    } else if (llmgw__number_int64(leaf->value, &whole)) {
        llmgw__buf_add_int(&p->out, whole);
    } else {
        llmgw__buf_add_str(&p->out, leaf->value);
    }
}

static void close_string(struct llmgw__gemini_pieces *p)
{
    if (p->string)
        llmgw__buf_add_char(&p->out, '"');
    p->string = false;
}

/* Close what the path leaves, open what it enters, up to its value. */
static bool enter(struct llmgw__gemini_pieces *p, llmgw_str path)
{
    size_t depth = shared_depth(p, path);
    struct step step, next;
    size_t from;

    if (p->depth == 0 && !open_container(p, 1, false))
        return false;
    close_to(p, depth > 0 ? depth : 1);
    from = p->stack[p->depth - 1].path_len;
    llmgw__buf_reset(&p->path);
    llmgw__buf_add_str(&p->path, path);
    if (!next_step(path, from, &step))
        return false;
    while (enter_step(p, &step)) {
        if (step.end == path.len)
            return true;
        if (!next_step(path, step.end, &next) ||
            !open_container(p, step.end, next.place >= 0))
            return false;
        step = next;
    }
    return false;
}

/* Comma and name; false: it was there before, or does not fit. */
static bool enter_step(struct llmgw__gemini_pieces *p, const struct step *step)
{
    struct container *in = &p->stack[p->depth - 1];
    unsigned char len[2] = {(unsigned char)(step->name.len >> 8),
                            (unsigned char)(step->name.len & 255)};
    struct llmgw__jsonw w;

    if (in->array != (step->place >= 0))
        return false;
    if (in->array) {
        if (step->place != in->count)
            return false;
        if (in->count++ > 0)
            llmgw__buf_add_char(&p->out, ',');
        return true;
    }
    if (is_used(p, p->depth - 1, step->name))
        return false;
    if (p->used.len > in->used_from)
        llmgw__buf_add_char(&p->out, ',');
    llmgw__buf_add(&p->used, (const char *)len, 2);
    llmgw__buf_add_str(&p->used, step->name);
    llmgw__jsonw_init(&w, &p->out);
    llmgw__jsonw_key_str(&w, step->name);
    return true;
}

static bool open_container(struct llmgw__gemini_pieces *p, size_t path_len,
                           bool array)
{
    if (p->depth == MAX_DEPTH)
        return false;
    p->stack[p->depth++] = (struct container){
        .path_len = path_len, .used_from = p->used.len, .array = array};
    llmgw__buf_add_char(&p->out, array ? '[' : '{');
    return true;
}

static void close_to(struct llmgw__gemini_pieces *p, size_t depth)
{
    close_string(p);
    while (p->depth > depth) {
        const struct container *it = &p->stack[--p->depth];

        llmgw__buf_add_char(&p->out, it->array ? ']' : '}');
        p->used.len = it->used_from;
    }
}

/* Open containers that the path lies in, or is. */
static size_t shared_depth(const struct llmgw__gemini_pieces *p, llmgw_str path)
{
    size_t depth = 0;

    while (depth < p->depth) {
        size_t len = p->stack[depth].path_len;

        if (len > path.len || memcmp(path.data, p->path.data, len) != 0 ||
            (len < path.len && path.data[len] != '.' && path.data[len] != '['))
            break;
        depth++;
    }
    return depth;
}

/* Has something been written at this path, open or closed? */
static bool is_known(const struct llmgw__gemini_pieces *p, llmgw_str path)
{
    size_t depth = shared_depth(p, path);
    const struct container *in;
    struct step step;

    if (depth == 0 || path.len == 1)
        return path.len == 1; /* the arguments as a whole */
    in = &p->stack[depth - 1];
    if (in->path_len == path.len)
        return true;
    if (!next_step(path, in->path_len, &step) || step.end != path.len)
        return false;
    return in->array ? step.place >= 0 && step.place < in->count
                     : is_used(p, depth - 1, step.name);
}

/* Names of a container end where those of the next one in it begin. */
static bool is_used(const struct llmgw__gemini_pieces *p, size_t depth,
                    llmgw_str name)
{
    size_t end =
        depth + 1 < p->depth ? p->stack[depth + 1].used_from : p->used.len;
    size_t at = p->stack[depth].used_from;

    while (at < end) {
        const unsigned char *entry = (const unsigned char *)p->used.data + at;
        size_t len = (size_t)entry[0] << 8 | entry[1];

        if (llmgw__str_eq(llmgw__str_n(p->used.data + at + 2, len), name))
            return true;
        at += 2 + len;
    }
    return false;
}
