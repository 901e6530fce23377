/*
 * support/leftover.h - what a test must not leave behind.
 */
#ifndef LLMGW_TEST_LEFTOVER_H
#define LLMGW_TEST_LEFTOVER_H

/** Descriptors of this process, to be compared; 0: not known here. */
int open_descriptors(void);

#endif
