/*
 * support/host_model.h - a host that keeps what it is handed over, and holds
 * it against the answer when the call has ended.
 */
#ifndef LLMGW_TEST_HOST_MODEL_H
#define LLMGW_TEST_HOST_MODEL_H

#include <stddef.h>

#include <llmgw/llmgw.h>

enum {
    HOST_CHOICES = 4,
    HOST_CALLS = 8
};

/** Pieces joined. */
struct host_text {
    char data[8192];
    size_t len;
};

struct host_call {
    struct host_text id, name, arguments;
};

struct host_choice {
    struct host_text text, reasoning, refusal;
    struct host_call calls[HOST_CALLS];
    size_t call_count;
    int finishes;
    llmgw_finish_reason finish;
};

struct host_model {
    struct host_choice choices[HOST_CHOICES];
    int usages;
    int64_t tokens; /* in all, as the usage chunk says */
    int restarts;
    char wrong[160]; /* the first rule that was broken; "": none was */
};

/** llmgw_chunk_fn and llmgw_restart_fn; userdata is the model. */
int32_t host_model_chunk(const llmgw_chunk *chunk, void *userdata);
int32_t host_model_restart(llmgw_call *call, void *userdata);
/** Hold it against the ended call; what differs is in it->wrong. */
void host_model_compare(struct host_model *it, llmgw_call *call);
/** Note what is wrong unless `holds`; the first one stays. */
void host_model_claim(struct host_model *it, int holds, const char *rule);

#endif
