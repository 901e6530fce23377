/*
 * schema/exchange.c - headers of what is sent and of what comes back.
 *
 * Memory: a head keeps at most 64 KiB of text in 256 headers.
 */
#include "exchange.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define MAX_HEAD_BYTES   ((size_t)64 * 1024)
#define MAX_HEAD_HEADERS 256
#define FIRST_BLOCK      256 /* bytes; the next ones are larger */

static bool is_name(llmgw_str name);
static char lower(char c);
static llmgw_str end_text(char *text, size_t len);

llmgw_status llmgw__http_header_add(struct llmgw__http_request *request,
                                    llmgw_str name, llmgw_str value,
                                    bool secret)
{
    if (!is_name(name) || !llmgw__str_printable(value))
        return LLMGW_E_INVALID;
    if (request->header_count == request->header_cap)
        return LLMGW_E_LIMIT;
    request->headers[request->header_count++] =
        (struct llmgw__http_header){name, value, secret};
    return LLMGW_OK;
}

void llmgw__http_head_init(struct llmgw__http_head *head)
{
    memset(head, 0, sizeof *head);
    llmgw__arena_init(&head->arena, FIRST_BLOCK, 0);
}

llmgw_status llmgw__http_head_add(struct llmgw__http_head *head, llmgw_str name,
                                  llmgw_str value)
{
    struct llmgw__http_header header = {.secret = false};
    void *headers = head->headers;
    char *at;

    if (head->header_count == MAX_HEAD_HEADERS || name.len > MAX_HEAD_BYTES ||
        value.len > MAX_HEAD_BYTES ||
        head->arena.used + name.len + value.len > MAX_HEAD_BYTES)
        return LLMGW_OK; /* left out */
    if (llmgw__grow(&headers, &head->header_cap, head->header_count + 1,
                    sizeof header) != 0)
        return LLMGW_E_NOMEM;
    head->headers = headers;
    value = llmgw__str_trim(value);
    at = llmgw__arena_alloc(&head->arena, name.len + value.len + 2);
    if (!at)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < name.len; i++)
        at[i] = lower(name.data[i]);
    header.name = end_text(at, name.len);
    at += name.len + 1;
    memcpy(at, value.data, value.len);
    header.value = end_text(at, value.len);
    head->headers[head->header_count++] = header;
    return LLMGW_OK;
}

llmgw_str llmgw__http_head_get(const struct llmgw__http_head *head,
                               const char *name)
{
    for (size_t i = 0; i < head->header_count; i++)
        if (llmgw__str_is(head->headers[i].name, name))
            return head->headers[i].value;
    return (llmgw_str){NULL, 0};
}

void llmgw__http_head_clear(struct llmgw__http_head *head)
{
    llmgw__free(head->headers);
    llmgw__arena_clear(&head->arena);
    head->headers = NULL;
    head->header_count = 0;
    head->header_cap = 0;
}

/* Nothing in it that would end the name, or the line. */
static bool is_name(llmgw_str name)
{
    return name.len > 0 && llmgw__str_printable(name) &&
           !memchr(name.data, ':', name.len) &&
           !memchr(name.data, ' ', name.len);
}

/* ASCII, whatever the locale. */
static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static llmgw_str end_text(char *text, size_t len)
{
    text[len] = '\0';
    return llmgw__str_n(text, len);
}
