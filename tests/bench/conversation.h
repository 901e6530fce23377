/*
 * bench/conversation.h - requests of a given size, as a host would make them.
 */
#ifndef LLMGW_BENCH_CONVERSATION_H
#define LLMGW_BENCH_CONVERSATION_H

#include <stddef.h>

/**
 * A chat request of about `size` bytes of JSON.
 *
 * @param kind   "text": a long history with escapes and letters beyond ASCII;
 *               "plain": one of ASCII without escapes; "image": pictures as
 *               data URLs, up to 256 KiB each
 * @param model  what it asks for
 * @return the caller's: free(); NULL: no such kind, or no memory
 */
char *bench_conversation(const char *kind, const char *model, size_t size);

#endif
