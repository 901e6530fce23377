/*
 * tools/wire_replay.c - the message handed out goes back into the next
 * request: the provider's own blocks must be found in it.
 *
 * Members that say no more than their absence does (null, a direct caller) may
 * be missing: a block that is rebuilt from the message does not have them.
 */
#include <string.h>

#include "wire_golden.h"

static cJSON *next_request(const struct wire_golden *golden,
                           const struct wire_result *result);
static void leave_out_defaults(cJSON *tree);
static bool holds_run(const cJSON *tree, const cJSON *blocks);

void wire_check_replay(const struct wire_golden *golden,
                       const struct wire_script *script,
                       const struct wire_result *result)
{
    const cJSON *blocks = wire_golden_member(golden, "replay_content");
    struct wire_script next = *script;
    struct wire_result sent = {0};
    cJSON *wanted;
    cJSON *request;
    cJSON *body;
    char *text;

    if (!blocks)
        return;
    wanted = cJSON_Duplicate(blocks, true);
    leave_out_defaults(wanted);
    request = next_request(golden, result);
    text = cJSON_PrintUnformatted(request);
    next.request = llmgw__str(text);
    next.answer_count = 0;
    (void)wire_run(&next, &sent);
    body = cJSON_ParseWithLength(sent.requests[0].body.data,
                                 sent.requests[0].body.len);
    leave_out_defaults(body);
    if (!holds_run(body, wanted))
        wire_differ(golden->report, "replay_content",
                    "not found in the next request: %.*s",
                    (int)sent.requests[0].body.len,
                    sent.request_count ? sent.requests[0].body.data : "");
    cJSON_Delete(wanted);
    cJSON_Delete(body);
    cJSON_free(text);
    cJSON_Delete(request);
    wire_result_clear(&sent);
}

/** What the user says next: results of the tools called, or a word. */
static void add_turn(cJSON *messages, const cJSON *message)
{
    const cJSON *calls = wire_member(message, "tool_calls");
    const cJSON *call;
    cJSON *turn;

    cJSON_ArrayForEach(call, calls)
    {
        turn = cJSON_CreateObject();
        cJSON_AddStringToObject(turn, "role", "tool");
        cJSON_AddStringToObject(turn, "tool_call_id", wire_text(call, "id"));
        cJSON_AddStringToObject(turn, "content", "ok");
        cJSON_AddItemToArray(messages, turn);
    }
    if (calls)
        return;
    turn = cJSON_CreateObject();
    cJSON_AddStringToObject(turn, "role", "user");
    cJSON_AddStringToObject(turn, "content", "Go on.");
    cJSON_AddItemToArray(messages, turn);
}

static cJSON *next_request(const struct wire_golden *golden,
                           const struct wire_result *result)
{
    cJSON *request =
        cJSON_Duplicate(wire_golden_member(golden, "openai_request"), true);
    cJSON *messages = cJSON_GetObjectItemCaseSensitive(request, "messages");
    cJSON *response =
        cJSON_ParseWithLength(result->response.data, result->response.len);
    const cJSON *choice =
        cJSON_GetArrayItem(wire_member(response, "choices"), 0);
    cJSON *message = cJSON_Duplicate(wire_member(choice, "message"), true);

    if (message) {
        cJSON_AddItemToArray(messages, message);
        add_turn(messages, message);
    }
    cJSON_Delete(response);
    return request;
}

static bool is_default(const cJSON *member)
{
    const char *type = wire_text(member, "type");

    return cJSON_IsNull(member) ||
           (member->string && strcmp(member->string, "caller") == 0 && type &&
            strcmp(type, "direct") == 0);
}

static void leave_out_defaults(cJSON *tree)
{
    cJSON *item = tree ? tree->child : NULL;

    while (item) {
        cJSON *next = item->next;

        if (cJSON_IsObject(tree) && is_default(item))
            cJSON_Delete(cJSON_DetachItemViaPointer(tree, item));
        else
            leave_out_defaults(item);
        item = next;
    }
}

/** Does this array hold the blocks, one after the other, from here on? */
static bool begins_run(const cJSON *item, const cJSON *blocks)
{
    const cJSON *block;

    cJSON_ArrayForEach(block, blocks)
    {
        if (!item || !wire_equal(block, item, 0))
            return false;
        item = item->next;
    }
    return true;
}

static bool holds_run(const cJSON *tree, const cJSON *blocks)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, tree)
    {
        if (cJSON_IsArray(tree) && begins_run(item, blocks))
            return true;
        if (holds_run(item, blocks))
            return true;
    }
    return false;
}
