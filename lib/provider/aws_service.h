/*
 * provider/aws_service.h - services that hand out access keys of AWS: those of
 * the container and of the instance, and the one that takes a web identity.
 */
#ifndef LLMGW_PROVIDER_AWS_SERVICE_H
#define LLMGW_PROVIDER_AWS_SERVICE_H

#include "credential.h"

/** What is being asked. */
enum llmgw__aws_step {
    LLMGW__AWS_ASK_CONTAINER,
    LLMGW__AWS_ASK_IDENTITY,
    LLMGW__AWS_ASK_TOKEN, /* of the instance's service */
    LLMGW__AWS_ASK_ROLE,  /* its name */
    LLMGW__AWS_ASK_KEYS   /* of the role */
};

struct llmgw__aws_state {
    enum llmgw__aws_step step;
    const char *roles; /* URL of the instance's roles */
    llmgw_str token;   /* that its service wants to see */
};

/** A role, and a token that may take it. */
struct llmgw__aws_identity {
    llmgw_str role;       /* ARN */
    llmgw_str session;    /* its name; empty: one of ours */
    llmgw_str token_file; /* where the token is */
};

/* Each begins to ask; OK without a request: there is no such service. */
llmgw_status llmgw__aws_container(struct llmgw__credential_fetch *fetch);
llmgw_status llmgw__aws_instance(struct llmgw__credential_fetch *fetch);
llmgw_status llmgw__aws_identity(struct llmgw__credential_fetch *fetch,
                                 const struct llmgw__aws_identity *identity);
/** A source's answer(). */
llmgw_status llmgw__aws_answer(struct llmgw__credential_fetch *fetch,
                               int32_t status, llmgw_str body);
/** There is nothing anywhere; why: what the instance's service said. */
llmgw_status llmgw__aws_nowhere(struct llmgw__credential_fetch *fetch,
                                const char *why);

#endif
