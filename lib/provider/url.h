/*
 * provider/url.h - names in paths.
 */
#ifndef LLMGW_PROVIDER_URL_H
#define LLMGW_PROVIDER_URL_H

#include "base/text.h"

/** A segment of a path: bytes that may stand in one stay, '@' among them. */
void llmgw__url_add_part(struct llmgw__buf *url, llmgw_str text);
/** The same, but only letters, digits and "-._~" stay. */
void llmgw__url_add_strict(struct llmgw__buf *url, llmgw_str text);

#endif
