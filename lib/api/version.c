/*
 * api/version.c - the library's version, the words for a status, small texts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <llmgw/base.h>

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) \
    TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *llmgw_version(void)
{
    return VERSION_TEXT(LLMGW_VERSION_MAJOR, LLMGW_VERSION_MINOR,
                        LLMGW_VERSION_PATCH);
}

llmgw_str llmgw_str_of(const char *text)
{
    llmgw_str view = {text, text ? strlen(text) : 0};

    return view;
}

const char *llmgw_money_text(const llmgw_money *money, char *out)
{
    static const llmgw_money zero = {0, 0};
    const llmgw_money *amount = money ? money : &zero;

    if (out)
        (void)snprintf(out, LLMGW_MONEY_TEXT, "%" PRId64 ".%012" PRId64,
                       amount->usd, amount->pico);
    return out;
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
        "not built in, or not this store's",
    };

    if (status > 0 || status <= -(int32_t)(sizeof texts / sizeof *texts))
        return "unknown status";
    return texts[-status];
}
