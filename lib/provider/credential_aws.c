/*
 * provider/credential_aws.c - access keys of AWS, looked for where its own
 * SDKs look: settings, environment, a web identity, the shared files, the
 * container's service, the instance's.
 *
 * The first place that is set up decides: what is wrong there is told, nobody
 * is asked behind its back.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers"; botocore, credentials.py. Memory: the fetch's arena.
 */
#include "aws_profile.h"
#include "aws_service.h"
#include "credential_parts.h"

static llmgw_status look_in_settings(struct llmgw__credential_fetch *fetch);
static llmgw_status look_in_environment(struct llmgw__credential_fetch *fetch);
static llmgw_status look_for_identity(struct llmgw__credential_fetch *fetch);
static llmgw_status look_in_files(struct llmgw__credential_fetch *fetch);

/* In this order; OK without credential and request: not here. */
static llmgw_status (*const places[])(struct llmgw__credential_fetch *fetch) = {
    look_in_settings, look_in_environment,  look_for_identity,
    look_in_files,    llmgw__aws_container, llmgw__aws_instance,
};

static llmgw_status begin(struct llmgw__credential_fetch *fetch)
{
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        status = places[i](fetch);
        if (status != LLMGW_OK || fetch->out || fetch->request.url)
            return status;
    }
    return llmgw__aws_nowhere(fetch, "AWS_EC2_METADATA_DISABLED is true");
}

/** A pair, if half of one is there. */
static llmgw_status take_pair(struct llmgw__credential_fetch *fetch,
                              const struct llmgw__aws_keys *keys,
                              const char *where)
{
    const char *parts[] = {"half a pair of access keys in ", where, NULL};
    const struct llmgw__credential_texts texts = {
        .access_key = keys->access_key,
        .secret_key = keys->secret_key,
        .session_token = keys->session_token,
    };

    if (!keys->access_key.len && !keys->secret_key.len)
        return LLMGW_OK;
    if (!keys->access_key.len || !keys->secret_key.len)
        return llmgw__fetch_refuse(fetch, parts);
    return llmgw__fetch_found(fetch, &texts, 0);
}

static llmgw_str setting(const struct llmgw__credential_fetch *fetch,
                         const char *name)
{
    return llmgw__str(llmgw__provider_setting(fetch->provider, name));
}

static llmgw_status look_in_settings(struct llmgw__credential_fetch *fetch)
{
    const struct llmgw__aws_keys keys = {
        setting(fetch, "access_key_id"),
        setting(fetch, "secret_access_key"),
        setting(fetch, "session_token"),
    };

    return take_pair(fetch, &keys, "the settings");
}

/** A profile that is configured goes before. */
static llmgw_status look_in_environment(struct llmgw__credential_fetch *fetch)
{
    const struct llmgw__aws_keys keys = {
        llmgw__str(llmgw__environment("AWS_ACCESS_KEY_ID")),
        llmgw__str(llmgw__environment("AWS_SECRET_ACCESS_KEY")),
        llmgw__str(llmgw__environment("AWS_SESSION_TOKEN")),
    };

    if (setting(fetch, "profile").len)
        return LLMGW_OK;
    return take_pair(fetch, &keys, "the environment");
}

static llmgw_status look_for_identity(struct llmgw__credential_fetch *fetch)
{
    const struct llmgw__aws_identity identity = {
        llmgw__str(llmgw__environment("AWS_ROLE_ARN")),
        llmgw__str(llmgw__environment("AWS_ROLE_SESSION_NAME")),
        llmgw__str(llmgw__environment("AWS_WEB_IDENTITY_TOKEN_FILE")),
    };

    if (setting(fetch, "profile").len || !identity.token_file.len ||
        !identity.role.len)
        return LLMGW_OK;
    return llmgw__aws_identity(fetch, &identity);
}

static llmgw_status refuse_profile(struct llmgw__credential_fetch *fetch,
                                   const struct llmgw__aws_profile *profile,
                                   const char *why, const char *what)
{
    const char *parts[] = {"profile ", profile->name, why, what, NULL};

    return llmgw__fetch_refuse(fetch, parts);
}

static llmgw_status take_profile(struct llmgw__credential_fetch *fetch,
                                 const struct llmgw__aws_profile *profile)
{
    const struct llmgw__aws_identity identity = {
        profile->role, profile->role_session, profile->token_file};
    llmgw_status status = LLMGW_OK;

    if (profile->named && !profile->found)
        return refuse_profile(
            fetch, profile,
            " is neither in ~/.aws/credentials nor in ~/.aws/config", "");
    if (identity.role.len && identity.token_file.len)
        return llmgw__aws_identity(fetch, &identity);
    for (size_t i = 0; i < LLMGW__AWS_FILES && !profile->foreign; i++) {
        status = take_pair(fetch, &profile->keys[i], "a profile");
        if (status != LLMGW_OK || fetch->out)
            return status;
    }
    if (profile->foreign)
        return refuse_profile(fetch, profile, " is not supported: it has ",
                              profile->foreign);
    return LLMGW_OK;
}

static llmgw_status look_in_files(struct llmgw__credential_fetch *fetch)
{
    struct llmgw__aws_profile profile;
    llmgw_status status = llmgw__aws_profile_read(fetch->provider, &profile);

    if (status == LLMGW_OK)
        status = take_profile(fetch, &profile);
    llmgw__aws_profile_clear(&profile);
    return status;
}

/* --- what is known without asking anybody --- */

/** The region of the profile. */
static llmgw_status hint(const struct llmgw__provider *provider,
                         const char *name, struct llmgw__buf *out)
{
    const char *variable = llmgw__environment("AWS_DEFAULT_REGION");
    struct llmgw__aws_profile profile;
    llmgw_status status;

    if (strcmp(name, "region") != 0)
        return LLMGW_OK;
    if (variable) {
        llmgw__buf_add_z(out, variable);
        return out->status;
    }
    status = llmgw__aws_profile_read(provider, &profile);
    if (status == LLMGW_OK)
        llmgw__buf_add_str(out, profile.region);
    llmgw__aws_profile_clear(&profile);
    return status == LLMGW_OK ? out->status : status;
}

static bool is_present(const struct llmgw__provider *provider)
{
    static const char *const signs[] = {
        "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI"};
    struct llmgw__aws_profile profile;
    bool found = false;

    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && !found; i++)
        found = llmgw__environment(signs[i]) != NULL;
    if (found)
        return true;
    if (llmgw__aws_profile_read(provider, &profile) == LLMGW_OK)
        found = profile.keys[LLMGW__AWS_CREDENTIALS].access_key.len ||
                profile.keys[LLMGW__AWS_CONFIG].access_key.len;
    llmgw__aws_profile_clear(&profile);
    return found;
}

static const char *const settings[] = {"access_key_id", "secret_access_key",
                                       "session_token", "profile", NULL};

const struct llmgw__credential_source llmgw__aws_credentials = {
    .state_size = sizeof(struct llmgw__aws_state),
    .settings = settings,
    .begin = begin,
    .answer = llmgw__aws_answer,
    .hint = hint,
    .is_present = is_present,
};
