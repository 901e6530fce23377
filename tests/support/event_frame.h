/* Records of application/vnd.amazon.eventstream, as a service would send
 * them. */
#ifndef LLMGW_TESTS_SUPPORT_EVENT_FRAME_H
#define LLMGW_TESTS_SUPPORT_EVENT_FRAME_H

#include "base/text.h"

/** A whole record of three headers, appended. type: "event" or "exception". */
void event_frame(struct llmgw__buf *out, const char *type, const char *name,
                 llmgw_str payload);

#endif
