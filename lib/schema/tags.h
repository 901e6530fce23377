/*
 * schema/tags.h - the tags of a call, "a=b,c=d".
 */
#ifndef LLMGW_SCHEMA_TAGS_H
#define LLMGW_SCHEMA_TAGS_H

#include <stdbool.h>

#include <llmgw/base.h>

/** The first of them, "a=b", taken off; false: there is none left. */
bool llmgw__tags_next(llmgw_str *tags, llmgw_str *tag);
/** The value of one; data NULL: there is none. */
llmgw_str llmgw__tags_value(llmgw_str tags, const char *name);
/** Are all of these among them? */
bool llmgw__tags_have(llmgw_str tags, llmgw_str wanted);
/** Are they tags: names and values printable, 1 to 256 bytes each without
 *  spaces around, at most 4096 in all? NULL: they are. */
bool llmgw__tags_valid(const char *tags);

#endif
