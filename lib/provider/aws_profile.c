/*
 * provider/aws_profile.c - the shared files of AWS.
 *
 * The files differ in how a profile is headed: [team] in credentials, [profile
 * team] in config, where [profile default] goes before [default]. Profiles that
 * stand in several pieces are one, the later word holds.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files". Memory: both files, MAX_FILE at most each, while it is read.
 */
#include "aws_profile.h"

#include "base/file.h"
#include "credential_parts.h"
#include "ini.h"

#define MAX_FILE ((size_t)1048576)

static const struct {
    const char *variable;
    const char *path; /* in the home directory */
} places[LLMGW__AWS_FILES] = {
    {"AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"},
    {"AWS_CONFIG_FILE", "/.aws/config"},
};

/* What is done by programs and services that this library does not run. */
static const char *const foreign[] = {"credential_process", "sso_session",
                                      "sso_start_url",      "source_profile",
                                      "credential_source",  "login_session"};

static llmgw_status read_file(size_t which, struct llmgw__buf *out);
static void read_items(struct llmgw__aws_profile *profile, size_t which);
static void take(struct llmgw__aws_profile *profile, size_t which,
                 const struct llmgw__ini_item *item);

llmgw_status llmgw__aws_profile_read(const struct llmgw__provider *provider,
                                     struct llmgw__aws_profile *out)
{
    llmgw_status status = LLMGW_OK;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < LLMGW__AWS_FILES; i++)
        llmgw__buf_init(&out->files[i], 0);
    out->name = llmgw__provider_setting(provider, "profile");
    if (!out->name)
        out->name = llmgw__environment("AWS_PROFILE");
    out->named = out->name != NULL;
    if (!out->name)
        out->name = "default";
    for (size_t i = LLMGW__AWS_FILES; i-- > 0 && status == LLMGW_OK;) {
        status = read_file(i, &out->files[i]);
        if (status == LLMGW_OK)
            read_items(out, i);
    }
    return status;
}

void llmgw__aws_profile_clear(struct llmgw__aws_profile *profile)
{
    for (size_t i = 0; i < LLMGW__AWS_FILES; i++)
        llmgw__file_wipe(&profile->files[i]);
}

/** What cannot be read is empty. */
static llmgw_status read_file(size_t which, struct llmgw__buf *out)
{
    const char *path = llmgw__environment(places[which].variable);
    const char *why = NULL;
    struct llmgw__buf home;
    llmgw_status status = LLMGW_OK;

    llmgw__buf_init(&home, 0);
    if (!path && llmgw__home_path(places[which].path, &home)) {
        path = home.data;
        status = home.status;
    }
    if (path && status == LLMGW_OK)
        status = llmgw__file_read(path, MAX_FILE, out, &why);
    llmgw__buf_clear(&home);
    if (status == LLMGW_E_NOMEM)
        return status;
    if (status != LLMGW_OK)
        llmgw__file_wipe(out);
    return LLMGW_OK;
}

/** The name in a heading of config: how well it fits; 0: another profile. */
static int rank_of(llmgw_str section, const char *name)
{
    static const char before[] = "profile";
    size_t len = sizeof before - 1;

    if (llmgw__str_is(section, "default"))
        return strcmp(name, "default") == 0 ? 1 : 0;
    if (!llmgw__str_starts(section, before) || section.len == len ||
        (section.data[len] != ' ' && section.data[len] != '\t'))
        return 0;
    section = llmgw__str_n(section.data + len, section.len - len);
    return llmgw__str_is(llmgw__str_trim(section), name) ? 2 : 0;
}

static int rank_in(size_t which, llmgw_str section, const char *name)
{
    if (which == LLMGW__AWS_CREDENTIALS)
        return llmgw__str_is(section, name);
    return rank_of(section, name);
}

static void read_items(struct llmgw__aws_profile *profile, size_t which)
{
    llmgw_str text = llmgw__buf_str(&profile->files[which]);
    struct llmgw__ini_item item;
    struct llmgw__ini ini;
    int best = 0;

    llmgw__ini_init(&ini, text);
    while (llmgw__ini_next(&ini, &item)) {
        int rank = rank_in(which, item.section, profile->name);

        best = rank > best ? rank : best;
    }
    if (!best)
        return;
    profile->found = true;
    llmgw__ini_init(&ini, text);
    while (llmgw__ini_next(&ini, &item))
        if (rank_in(which, item.section, profile->name) == best)
            take(profile, which, &item);
}

static void take(struct llmgw__aws_profile *profile, size_t which,
                 const struct llmgw__ini_item *item)
{
    struct llmgw__aws_keys *keys = &profile->keys[which];
    const struct {
        const char *name;
        llmgw_str *to;
    } members[] = {
        {"aws_access_key_id", &keys->access_key},
        {"aws_secret_access_key", &keys->secret_key},
        {"aws_session_token", &keys->session_token},
        {"region", &profile->region},
        {"role_arn", &profile->role},
        {"role_session_name", &profile->role_session},
        {"web_identity_token_file", &profile->token_file},
    };

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (llmgw__str_is_nocase(item->name, members[i].name))
            *members[i].to = item->value;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (llmgw__str_is_nocase(item->name, foreign[i]) && item->value.len)
            profile->foreign = foreign[i];
}
