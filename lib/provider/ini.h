/*
 * provider/ini.h - walk the sections and members of an INI file.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files"; what is nested below a member is passed over.
 */
#ifndef LLMGW_PROVIDER_INI_H
#define LLMGW_PROVIDER_INI_H

#include <stdbool.h>

#include "base/text.h"

struct llmgw__ini {
    llmgw_str rest;
    llmgw_str section; /* words in it as they stand */
    size_t indent;     /* of its latest member */
    bool member;       /* it has had one */
};

/** A member; views of the text, without blanks around them. */
struct llmgw__ini_item {
    llmgw_str section;
    llmgw_str name;
    llmgw_str value; /* without a comment at its end */
};

void llmgw__ini_init(struct llmgw__ini *ini, llmgw_str text);
/** The next member; lines that are none are passed over. false: the end. */
bool llmgw__ini_next(struct llmgw__ini *ini, struct llmgw__ini_item *out);

#endif
