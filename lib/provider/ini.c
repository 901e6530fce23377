/*
 * provider/ini.c - an INI file, as the shared files of AWS are written.
 *
 *     [profile team]  ; comments stand behind, or on lines of their own
 *     region = eu-west-1
 *     s3 =
 *         nested = passed over
 *
 * A line that is indented deeper than the member before it belongs to that.
 * Members of a section that is no section ("[broken") belong to none.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files". Memory: none, all are views.
 */
#include "ini.h"

static llmgw_str take_line(struct llmgw__ini *ini);
static llmgw_str without_comment(llmgw_str text);
static void enter(struct llmgw__ini *ini, llmgw_str line);
static bool read_member(struct llmgw__ini *ini, llmgw_str line,
                        struct llmgw__ini_item *out);

void llmgw__ini_init(struct llmgw__ini *ini, llmgw_str text)
{
    memset(ini, 0, sizeof *ini);
    if (llmgw__str_starts(text, "\xef\xbb\xbf")) /* a byte order mark */
        text = llmgw__str_n(text.data + 3, text.len - 3);
    ini->rest = text;
}

bool llmgw__ini_next(struct llmgw__ini *ini, struct llmgw__ini_item *out)
{
    while (ini->rest.len) {
        llmgw_str line = take_line(ini);
        llmgw_str text = llmgw__str_trim(line);

        if (!text.len || text.data[0] == '#' || text.data[0] == ';')
            continue;
        if (line.data[0] == '[')
            enter(ini, text);
        else if (read_member(ini, line, out))
            return true;
    }
    return false;
}

static llmgw_str take_line(struct llmgw__ini *ini)
{
    const char *start = ini->rest.data;
    const char *end = memchr(start, '\n', ini->rest.len);
    size_t len = end ? (size_t)(end - start) : ini->rest.len;

    ini->rest.data += len + (end != NULL);
    ini->rest.len -= len + (end != NULL);
    return llmgw__str_n(start, len);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/** A comment begins behind a blank; a secret may have the sign in it. */
static llmgw_str without_comment(llmgw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((text.data[i] == '#' || text.data[i] == ';') &&
            (i == 0 || is_blank(text.data[i - 1])))
            text.len = i;
    return llmgw__str_trim(text);
}

static void enter(struct llmgw__ini *ini, llmgw_str line)
{
    size_t end = llmgw__str_find(line, LLMGW__LIT("]"));

    ini->member = false;
    ini->section = llmgw__str_n(NULL, 0);
    if (end != SIZE_MAX)
        ini->section = llmgw__str_trim(llmgw__str_n(line.data + 1, end - 1));
}

static bool read_member(struct llmgw__ini *ini, llmgw_str line,
                        struct llmgw__ini_item *out)
{
    size_t indent = 0, equals = llmgw__str_find(line, LLMGW__LIT("="));

    while (is_blank(line.data[indent]))
        indent++;
    if ((ini->member && indent > ini->indent) || equals == SIZE_MAX)
        return false;
    ini->member = true;
    ini->indent = indent;
    out->section = ini->section;
    out->name = llmgw__str_trim(llmgw__str_n(line.data, equals));
    out->value = without_comment(
        llmgw__str_n(line.data + equals + 1, line.len - equals - 1));
    return ini->section.len && out->name.len;
}
