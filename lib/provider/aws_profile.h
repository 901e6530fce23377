/*
 * provider/aws_profile.h - a profile of the shared files of AWS: which one is
 * meant, and what it says.
 */
#ifndef LLMGW_PROVIDER_AWS_PROFILE_H
#define LLMGW_PROVIDER_AWS_PROFILE_H

#include "base/text.h"
#include "catalog/catalog.h"

enum {
    LLMGW__AWS_CREDENTIALS, /* ~/.aws/credentials */
    LLMGW__AWS_CONFIG,      /* ~/.aws/config */
    LLMGW__AWS_FILES
};

/** Views of the files, which it holds. */
struct llmgw__aws_profile {
    const char *name;
    bool named; /* by setting or environment; else it is the default one */
    bool found; /* in one of the files */
    struct llmgw__aws_keys {
        llmgw_str access_key;
        llmgw_str secret_key;
        llmgw_str session_token;
    } keys[LLMGW__AWS_FILES]; /* by file: a pair is of one of them */
    llmgw_str region;
    llmgw_str role;         /* its ARN */
    llmgw_str role_session; /* its name */
    llmgw_str token_file;   /* of a web identity */
    const char *foreign;    /* a member that asks for what we do not do */
    struct llmgw__buf files[LLMGW__AWS_FILES];
};

/**
 * Read the profile that the provider's setting or the environment names.
 *
 * @param[out] out  to be cleared, whatever is answered
 * @return LLMGW_OK also when there is no such file or profile
 */
llmgw_status llmgw__aws_profile_read(const struct llmgw__provider *provider,
                                     struct llmgw__aws_profile *out);
/** Overwrite and free. */
void llmgw__aws_profile_clear(struct llmgw__aws_profile *profile);

#endif
