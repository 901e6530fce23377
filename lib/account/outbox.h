/*
 * account/outbox.h - records that wait for a store that is away, in a file: in
 * order, bounded, each with its length and a CRC.
 *
 * A record is there when it was added: it survives the end of the process, and
 * power loss where that was asked for. One that was cut off by a crash is none.
 * Records that were dropped may be there again after a crash: who takes them
 * must not mind to get one twice.
 *
 * For one thread at a time.
 */
#ifndef LLMGW_ACCOUNT_OUTBOX_H
#define LLMGW_ACCOUNT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include <llmgw/base.h>

struct llmgw__outbox;

struct llmgw__outbox_setting {
    const char *path; /* copied; NULL: in memory */
    size_t max_bytes; /* of all records that wait */
    bool power;       /* survives power loss */
};

/**
 * Open, and find what waits from an earlier time. A damaged record is passed
 * over, up to the next that is whole.
 *
 * @param[out] why  what is wrong, a static text, on E_SYSTEM
 * @retval LLMGW_E_SYSTEM  the file cannot be used, or another gateway has it
 * @retval LLMGW_E_NOMEM   no memory
 */
llmgw_status llmgw__outbox_open(const struct llmgw__outbox_setting *setting,
                                struct llmgw__outbox **out, const char **why);
void llmgw__outbox_close(struct llmgw__outbox *outbox); /* NULL allowed */
/** @retval LLMGW_E_LIMIT   it is full
 *  @retval LLMGW_E_SYSTEM  it could not be written; nothing of it stays */
llmgw_status llmgw__outbox_add(struct llmgw__outbox *outbox, llmgw_str record);
/** Records that wait. */
size_t llmgw__outbox_count(const struct llmgw__outbox *outbox);
/** Damaged ones that were passed over when it was opened. */
size_t llmgw__outbox_damaged(const struct llmgw__outbox *outbox);
/**
 * The at-th of those that wait, from 0, the oldest.
 *
 * @param[out] record  until the next call of this or of add
 * @retval LLMGW_E_INVALID  there is none
 */
llmgw_status llmgw__outbox_look(struct llmgw__outbox *outbox, size_t at,
                                llmgw_str *record);
/** The oldest so many have been taken. */
void llmgw__outbox_drop(struct llmgw__outbox *outbox, size_t count);

#endif
