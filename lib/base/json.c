/*
 * base/json.c - typed reads over cJSON that remember the way they came.
 *
 * What cJSON takes but would misread is refused before it: bytes that are not
 * UTF-8, and zero bytes in strings, where it would cut them.
 *
 * Source: RFC 8259.
 * Memory: cJSON's tree (about ten times the text); faults are of fixed size.
 */
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/** The way to a value as text, cut where it is full. */
struct path {
    char *text;
    size_t len;
    size_t size;
};

static const struct {
    int type;
    const char *name;
} type_names[] = {
    {cJSON_False, "false"},      {cJSON_True, "true"},
    {cJSON_NULL, "null"},        {cJSON_Number, "a number"},
    {cJSON_String, "a string"},  {cJSON_Array, "an array"},
    {cJSON_Object, "an object"},
};

static const char *misread_at(llmgw_str text, const char **why);
static const char *zero_escape(llmgw_str text);
static void refuse_text(llmgw_str text, const char *at, const char *why,
                        struct llmgw__json_fault *fault);
static void add_path(struct path *path, const struct llmgw__json_at *at);
static void add_key(struct path *path, const char *key);
static void add_text(struct path *path, const char *text);
static bool refuse_type(const struct llmgw__json_at *at, const char *wanted);
static bool is_type(const struct llmgw__json_at *at, int type);
static const char *type_name(int type);
static bool is_listed(const char *name, const char *const *names);
static const cJSON *member_before(const cJSON *member, const cJSON *object);

cJSON *llmgw__json_parse(llmgw_str text, struct llmgw__json_fault *fault)
{
    const char *why;
    const char *end = misread_at(text, &why);
    llmgw_str rest;
    cJSON *root;

    memset(fault, 0, sizeof *fault);
    if (end) {
        refuse_text(text, end, why, fault);
        return NULL;
    }
    if (text.len == 0) {
        refuse_text(text, text.data, "empty text, not JSON", fault);
        return NULL;
    }
    errno = 0;
    root = cJSON_ParseWithLengthOpts(text.data, text.len, &end, 0);
    if (!root && errno == ENOMEM) { /* cJSON does not tell, malloc does */
        fault->nomem = true;
        (void)snprintf(fault->message, sizeof fault->message, "no memory");
        return NULL;
    }
    if (!root) {
        refuse_text(text, end, "not JSON", fault);
        return NULL;
    }
    rest = llmgw__str_trim(
        llmgw__str_n(end, text.len - (size_t)(end - text.data)));
    if (rest.len) {
        refuse_text(text, rest.data, "more text after the JSON value", fault);
        cJSON_Delete(root);
        return NULL;
    }
    return root;
}

struct llmgw__json_at llmgw__json_root(const cJSON *root,
                                       struct llmgw__json_fault *fault)
{
    struct llmgw__json_at at = {root, NULL, NULL, -1, fault};

    return at;
}

struct llmgw__json_at llmgw__json_member(const struct llmgw__json_at *at,
                                         const char *key)
{
    struct llmgw__json_at member = {NULL, at, key, -1, at->fault};

    if (llmgw__json_get_object(at) && at->value)
        member.value = cJSON_GetObjectItemCaseSensitive(at->value, key);
    return member;
}

struct llmgw__json_at llmgw__json_element(const struct llmgw__json_at *at,
                                          int index)
{
    struct llmgw__json_at element = {NULL, at, NULL, index, at->fault};
    const cJSON *child;

    if (!llmgw__json_get_array(at) || !at->value || index < 0)
        return element;
    child = at->value->child;
    while (child && index-- > 0)
        child = child->next;
    element.value = child;
    return element;
}

int llmgw__json_size(const struct llmgw__json_at *at)
{
    int size = 0;

    if (!is_type(at, cJSON_Array) && !is_type(at, cJSON_Object))
        return 0;
    for (const cJSON *child = at->value->child; child; child = child->next)
        size++;
    return size;
}

bool llmgw__json_refuse(const struct llmgw__json_at *at, const char *message)
{
    struct llmgw__json_fault *fault = at->fault;
    struct path path = {fault->path, 0, sizeof fault->path};
    struct path line = {fault->message, 0, sizeof fault->message};

    if (fault->message[0])
        return false;
    fault->path[0] = '\0';
    add_path(&path, at);
    add_text(&line, message);
    return false;
}

bool llmgw__json_known(const struct llmgw__json_at *at,
                       const char *const *names)
{
    if (!llmgw__json_get_object(at))
        return false;
    if (!at->value)
        return true;
    for (const cJSON *child = at->value->child; child; child = child->next) {
        struct llmgw__json_at member = {child, at, child->string, -1,
                                        at->fault};

        if (!is_listed(child->string, names))
            return llmgw__json_refuse(&member, "unknown member");
        if (member_before(child, at->value))
            return llmgw__json_refuse(&member, "member given twice");
    }
    return true;
}

bool llmgw__json_get_string(const struct llmgw__json_at *at, const char **out)
{
    if (!at->value)
        return true;
    if (!is_type(at, cJSON_String))
        return refuse_type(at, "a string");
    *out = at->value->valuestring;
    return true;
}

bool llmgw__json_get_uint32(const struct llmgw__json_at *at, uint32_t max,
                            uint32_t *out)
{
    char message[64];
    double value;

    if (!at->value)
        return true;
    if (!is_type(at, cJSON_Number))
        return refuse_type(at, "an integer");
    value = at->value->valuedouble;
    if (value >= 0 && value <= max && value == (double)(uint32_t)value) {
        *out = (uint32_t)value;
        return true;
    }
    (void)snprintf(message, sizeof message,
                   "expected an integer from 0 to %" PRIu32, max);
    return llmgw__json_refuse(at, message);
}

bool llmgw__json_get_bool(const struct llmgw__json_at *at, bool *out)
{
    if (!at->value)
        return true;
    if (!is_type(at, cJSON_True) && !is_type(at, cJSON_False))
        return refuse_type(at, "true or false");
    *out = is_type(at, cJSON_True);
    return true;
}

bool llmgw__json_get_object(const struct llmgw__json_at *at)
{
    if (!at->value || is_type(at, cJSON_Object))
        return true;
    return refuse_type(at, "an object");
}

bool llmgw__json_get_array(const struct llmgw__json_at *at)
{
    if (!at->value || is_type(at, cJSON_Array))
        return true;
    return refuse_type(at, "an array");
}

static struct llmgw__scalar scalar_of(const cJSON *value)
{
    struct llmgw__scalar scalar = {LLMGW__JSON_NULL, false, 0, {NULL, 0}};

    if (cJSON_IsBool(value)) {
        scalar.type = LLMGW__JSON_BOOL;
        scalar.flag = cJSON_IsTrue(value);
    } else if (cJSON_IsNumber(value)) {
        scalar.type = LLMGW__JSON_NUMBER;
        scalar.number = value->valuedouble;
    } else if (cJSON_IsString(value)) {
        scalar.type = LLMGW__JSON_STRING;
        scalar.text = llmgw__str(value->valuestring);
    }
    return scalar;
}

bool llmgw__json_get_fields(const struct llmgw__json_at *at,
                            const struct llmgw__field *fields, void *into)
{
    char must[LLMGW__FIELD_MUST];

    if (!llmgw__json_get_object(at))
        return false;
    for (; fields->name; fields++) {
        struct llmgw__json_at one = llmgw__json_member(at, fields->name);
        struct llmgw__scalar value;

        if (!one.value)
            continue;
        value = scalar_of(one.value);
        if (!llmgw__field_set(fields, into, &value, must))
            return llmgw__json_refuse(&one, must);
    }
    return true;
}

/* Where text starts that cJSON would take and misread; NULL: nowhere. */
static const char *misread_at(llmgw_str text, const char **why)
{
    size_t valid = llmgw__utf8_valid(text);
    const char *zero = text.len ? memchr(text.data, '\0', text.len) : NULL;

    *why = "not UTF-8";
    if (valid < text.len)
        return text.data + valid;
    *why = "zero byte";
    return zero ? zero : zero_escape(text);
}

static const char *zero_escape(llmgw_str text)
{
    for (size_t at = 0; at < text.len; at++) {
        if (text.data[at] != '\\')
            continue;
        if (llmgw__str_starts(llmgw__str_n(text.data + at, text.len - at),
                              "\\u0000"))
            return text.data + at;
        at++; /* what is escaped, a backslash perhaps */
    }
    return NULL;
}

/* Lines end in LF; columns count characters, as editors do. */
static void refuse_text(llmgw_str text, const char *at, const char *why,
                        struct llmgw__json_fault *fault)
{
    size_t line = 1;
    size_t column = 1;

    for (const char *c = text.data; c != at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*c & 0xC0) != 0x80) {
            column++;
        }
    }
    (void)snprintf(fault->message, sizeof fault->message,
                   "line %zu, column %zu: %s", line, column, why);
}

static void add_path(struct path *path, const struct llmgw__json_at *at)
{
    char index[16];

    if (!at->parent) /* the root has no name */
        return;
    add_path(path, at->parent);
    if (at->key) {
        add_key(path, at->key);
        return;
    }
    (void)snprintf(index, sizeof index, "[%d]", at->index);
    add_text(path, index);
}

static void add_key(struct path *path, const char *key)
{
    if (path->len)
        add_text(path, ".");
    add_text(path, key);
}

/* As much as there is room for, on one line and cut between characters. */
static void add_text(struct path *path, const char *text)
{
    size_t room = path->size - 1 - path->len;
    size_t len = strlen(text);
    char *start = path->text + path->len;

    if (len > room)
        len = llmgw__utf8_valid(llmgw__str_n(text, room));
    for (size_t at = 0; at < len; at++)
        start[at] = (char)((unsigned char)text[at] < 0x20 ? '?' : text[at]);
    path->len += len;
    path->text[path->len] = '\0';
}

static bool refuse_type(const struct llmgw__json_at *at, const char *wanted)
{
    char message[128];

    (void)snprintf(message, sizeof message, "expected %s, found %s", wanted,
                   type_name(at->value->type & 0xff));
    return llmgw__json_refuse(at, message);
}

static bool is_type(const struct llmgw__json_at *at, int type)
{
    return at->value && (at->value->type & 0xff) == type;
}

static const char *type_name(int type)
{
    for (size_t at = 0; at < sizeof type_names / sizeof type_names[0]; at++)
        if (type_names[at].type == type)
            return type_names[at].name;
    return "nothing";
}

static bool is_listed(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(*names, name))
            return true;
    return false;
}

static const cJSON *member_before(const cJSON *member, const cJSON *object)
{
    const cJSON *first =
        cJSON_GetObjectItemCaseSensitive(object, member->string);

    return first == member ? NULL : first;
}
