/*
 * api/version.c - the library's version and the words for a status.
 */
#include <llmgw/base.h>

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) \
    TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *llmgw_version(void)
{
    return VERSION_TEXT(LLMGW_VERSION_MAJOR, LLMGW_VERSION_MINOR,
                        LLMGW_VERSION_PATCH);
}

const char *llmgw_status_text(llmgw_status status)
{
    static const char *const texts[] = {
        "ok",
        "no memory",
        "invalid argument or state",
        "not allowed from inside a callback",
        "used in a forked child",
        "the gateway is closed",
        "configuration refused",
        "the operating system refused",
        "a limit was passed",
    };

    if (status > 0 || status <= -(int32_t)(sizeof texts / sizeof *texts))
        return "unknown status";
    return texts[-status];
}
