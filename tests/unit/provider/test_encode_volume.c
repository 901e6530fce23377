/* What is large in a request is not copied on its way out, whatever the
 * dialect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/conversation.h"
#include "support/dialect_run.h"

#define SIZE ((size_t)1000000)

static const struct {
    const char *name; /* row of the provider table */
    const char *model;
    const struct llmgw__dialect *dialect;
} wires[] = {
    {"openai", "gpt-4.1", &llmgw__dialect_openai},
    {"mistral", "mistral-large-latest", &llmgw__dialect_openai},
    {"openai", "gpt-4.1", &llmgw__dialect_responses},
    {"anthropic", "claude-sonnet-4-5", &llmgw__dialect_anthropic},
    {"google", "gemini-2.5-flash", &llmgw__dialect_gemini},
};

/* What one encoding took. */
struct volume {
    size_t body; /* bytes that go out */
    size_t own;  /* of these: not slices of the request */
    size_t used; /* bytes asked of the allocator */
};

static bool is_slice(const struct llmgw__segment *it, llmgw_str of)
{
    return it->ref && it->ref >= of.data &&
           it->ref + it->len <= of.data + of.len;
}

static struct volume encode(size_t wire, const char *kind)
{
    char *request = make_conversation(kind, "m", SIZE);
    struct volume volume = {0, 0, allocation_bytes()};
    struct dialect_run run;
    const struct llmgw__body *body = &run.request.body;
    llmgw_status status;

    assert_non_null(request);
    dialect_run_start(&run, wires[wire].dialect, "https://h.example/v1",
                      wires[wire].model);
    run.provider.row = llmgw__provider_row_find(llmgw__str(wires[wire].name));
    assert_non_null(run.provider.row);
    status = llmgw__chat_parse(&run.chat, llmgw__str(request), &run.arena,
                               &run.error);
    run.has_chat = status == LLMGW_OK;
    if (status != LLMGW_OK || dialect_run_encode(&run, false, false))
        fail_msg("%s", run.error.message);
    volume.used = allocation_bytes() - volume.used;
    volume.body = body->len;
    for (size_t i = 0; i < body->count; i++)
        if (!is_slice(&body->segments[i], llmgw__str(request)))
            volume.own += body->segments[i].len;
    dialect_run_clear(&run);
    free(request);
    return volume;
}

static void on_each_wire(const char *kind, size_t most_own, size_t most_used)
{
    for (size_t wire = 0; wire < sizeof wires / sizeof *wires; wire++) {
        struct volume volume = encode(wire, kind);

        if (volume.own > most_own || volume.used > most_used)
            fail_msg("%s to %s: %zu bytes copied, %zu allocated", kind,
                     wires[wire].model, volume.own, volume.used);
        assert_in_range(volume.body, SIZE - SIZE / 100, SIZE + SIZE / 20);
    }
}

/* 500 messages: what is told of each, not what it says. */
static void texts_go_out_as_slices_of_the_request(void **state)
{
    (void)state;
    on_each_wire("plain", 500 * 50, SIZE / 2);
}

static void so_do_texts_with_escapes(void **state)
{
    (void)state;
    on_each_wire("text", 500 * 50, SIZE / 2);
}

static void base64_of_images_goes_out_as_slices(void **state)
{
    (void)state;
    on_each_wire("image", 4 * 256, 16 * 1024);
}

static void so_does_base64_whose_slashes_are_escaped(void **state)
{
    (void)state;
    on_each_wire("image-escaped", 4 * 256, 16 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_go_out_as_slices_of_the_request),
        cmocka_unit_test(so_do_texts_with_escapes),
        cmocka_unit_test(base64_of_images_goes_out_as_slices),
        cmocka_unit_test(so_does_base64_whose_slashes_are_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
