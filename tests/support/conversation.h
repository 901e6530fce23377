/*
 * support/conversation.h - requests of a given size, as a host would make them.
 */
#ifndef LLMGW_TEST_CONVERSATION_H
#define LLMGW_TEST_CONVERSATION_H

#include <stddef.h>

/**
 * A chat request of about `size` bytes of JSON.
 *
 * @param kind   "text": a long history with escapes and letters beyond ASCII;
 *               "plain": one of ASCII without escapes; "short": one of short
 *               messages; "image": pictures as data URLs, up to 256 KiB each;
 *               "image-escaped": the same with every slash escaped
 * @param model  what it asks for
 * @return the caller's: free(); NULL: no such kind, or no memory
 */
char *make_conversation(const char *kind, const char *model, size_t size);

#endif
