/*
 * provider/error_page.c - an error's body that is no JSON: a web page of
 * somebody in front of the provider, or plain text.
 *
 * A page is told by its title; without one, by the first of its visible text.
 *
 * Source: pages of nginx, Cloudflare and other front ends. Memory: none.
 */
#include <string.h>

#include "base/text.h"
#include "error_facts.h"

#define SNIFF   200 /* bytes in which a page shows itself */
#define VISIBLE 200 /* characters of its text that are kept */

static bool find_title(llmgw_str body, llmgw_str *title);
static void copy_visible(struct llmgw__error_facts *facts, llmgw_str body);

void llmgw__error_page_read(struct llmgw__error_facts *facts, llmgw_str body)
{
    llmgw_str head = body, title;

    if (head.len > SNIFF)
        head.len = SNIFF;
    facts->html = llmgw__str_find(head, LLMGW__LIT("<")) != SIZE_MAX;
    if (!facts->html)
        llmgw__error_copy(facts->message, sizeof facts->message,
                          llmgw__str_trim(body));
    else if (find_title(body, &title))
        llmgw__error_copy(facts->message, sizeof facts->message, title);
    else
        copy_visible(facts, body);
}

static bool find_title(llmgw_str body, llmgw_str *title)
{
    size_t from = llmgw__str_find_nocase(body, LLMGW__LIT("<title"));
    size_t open, close;

    if (from == SIZE_MAX)
        return false;
    body = llmgw__str_n(body.data + from, body.len - from);
    open = llmgw__str_find(body, LLMGW__LIT(">"));
    if (open == SIZE_MAX)
        return false;
    body = llmgw__str_n(body.data + open + 1, body.len - open - 1);
    close = llmgw__str_find(body, LLMGW__LIT("<"));
    if (close == SIZE_MAX)
        return false;
    *title = llmgw__str_trim(llmgw__str_n(body.data, close));
    return title->len > 0;
}

/* Text between tags, runs of white space as one blank; scripts and styles are
 * not told apart, they come after what is visible often enough. */
static void copy_visible(struct llmgw__error_facts *facts, llmgw_str body)
{
    char text[VISIBLE];
    size_t len = 0;
    bool tag = false, blank = true;

    for (size_t i = 0; i < body.len && len < sizeof text; i++) {
        char c = body.data[i];

        if (c == '<' || c == '>') {
            tag = c == '<';
            c = ' ';
        }
        if (tag)
            continue;
        if ((unsigned char)c <= ' ') {
            if (!blank)
                text[len++] = ' ';
            blank = true;
        } else {
            text[len++] = c;
            blank = false;
        }
    }
    llmgw__error_copy(facts->message, sizeof facts->message,
                      llmgw__str_trim(llmgw__str_n(text, len)));
}
