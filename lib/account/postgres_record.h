/*
 * account/postgres_record.h - what waits in an outbox.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_RECORD_H
#define LLMGW_ACCOUNT_POSTGRES_RECORD_H

#include "base/text.h"
#include "postgres_sql.h"

/** An OPEN or SETTLE with its charges, to an empty buffer. */
llmgw_status llmgw__record_write(const llmgw_store_op *op,
                                 struct llmgw__buf *out);
/** @retval LLMGW_E_INVALID  no such record */
llmgw_status llmgw__record_say(llmgw_str record, struct llmgw__arena *arena,
                               struct llmgw__postgres_say *say);

#endif
