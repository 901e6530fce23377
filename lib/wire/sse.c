/*
 * wire/sse.c - split a byte stream into server-sent events.
 *
 * Source: WHATWG HTML, "Server-sent events", "Parsing an event stream". The
 * two differences: what no empty line closed is handed over at the end, and
 * lines of a JSON document that has no field name before it, which some send
 * when they fail in the middle of a stream, are kept.
 * Memory: one line and one event, each at most max_frame bytes, and 64 KiB of
 * such a document.
 *
 * What lies in the present read is referred to; when the read ends before
 * line or event do, what is there so far moves into the buffers:
 *
 *     read 1  |data: {"a":1}<LF><LF>data: {"b|     event 1 in place
 *              '--- view ---'       '-line--'      carried
 *     read 2  |":2}<LF>           |<LF>            event 2 from the buffers
 */
#include "sse.h"

#include <string.h>

static const char *const mark = "\xEF\xBB\xBF"; /* byte order mark */
enum {
    MARK_LEN = 3,
    MAX_TAIL = 64 * 1024
};

/** The next line ends of a read; `end` where there is none. Kept apart, so
 *  that no byte is looked at twice. */
struct ends {
    const char *lf;
    const char *cr;
    const char *end;
};

static const char *skip_mark(struct llmgw__sse *sse, const char *at,
                             const char *end);
static const char *find(const char *at, const char *end, char byte);
static const char *line_end(struct ends *ends, const char *at);
static const char *after_line(struct llmgw__sse *sse, const char *eol,
                              const char *end);
static void carry(struct llmgw__sse *sse, const char *data, size_t len);
static void end_line(struct llmgw__sse *sse, const char *data, size_t len);
static void end_carried_line(struct llmgw__sse *sse);
static void take_field(struct llmgw__sse *sse, llmgw_str line);
static inline bool is_field(llmgw_str line, llmgw_str name, llmgw_str *value);
static void keep_unframed(struct llmgw__sse *sse, llmgw_str line);
static void take_data(struct llmgw__sse *sse, llmgw_str value);
static void keep_views(struct llmgw__sse *sse);
static void hand_over(struct llmgw__sse *sse);
static void note_lead(struct llmgw__sse *sse);
static bool take_alike(struct llmgw__sse *sse, struct ends *ends,
                       const char **from);
static inline llmgw_str what_is(llmgw_str view, const struct llmgw__buf *buf);
static void check(struct llmgw__sse *sse, const struct llmgw__buf *buf);

void llmgw__sse_init(struct llmgw__sse *sse, size_t max_frame,
                     llmgw_status (*fn)(void *userdata,
                                        const struct llmgw__frame *frame),
                     void *userdata)
{
    memset(sse, 0, sizeof *sse);
    sse->fn = fn;
    sse->userdata = userdata;
    sse->limit = max_frame;
    llmgw__buf_init(&sse->line, max_frame);
    llmgw__buf_init(&sse->data, max_frame);
    llmgw__buf_init(&sse->event, max_frame);
    llmgw__buf_init(&sse->tail, MAX_TAIL);
}

llmgw_status llmgw__sse_feed(struct llmgw__sse *sse, const char *data,
                             size_t len)
{
    const char *at = data;
    const char *end;
    struct ends ends;

    if (len == 0 || sse->status != LLMGW_OK)
        return sse->status;
    end = data + len;
    if (!sse->started)
        at = skip_mark(sse, at, end);
    if (sse->after_cr && at < end) {
        sse->after_cr = false;
        at += *at == '\n';
    }
    ends.end = end;
    ends.lf = at < end ? find(at, end, '\n') : end;
    ends.cr = at < end ? find(at, end, '\r') : end;
    while (at < end && sse->status == LLMGW_OK) {
        const char *eol;

        if (sse->lead_len && take_alike(sse, &ends, &at))
            continue;
        eol = line_end(&ends, at);
        if (eol == end) {
            carry(sse, at, (size_t)(end - at));
            break;
        }
        end_line(sse, at, (size_t)(eol - at));
        at = after_line(sse, eol, end);
    }
    sse->head = NULL;
    if (sse->status == LLMGW_OK)
        keep_views(sse);
    return sse->status;
}

llmgw_status llmgw__sse_end(struct llmgw__sse *sse)
{
    if (sse->status == LLMGW_OK && sse->line.len > 0)
        end_carried_line(sse);
    if (sse->status == LLMGW_OK)
        hand_over(sse);
    return sse->status;
}

void llmgw__sse_clear(struct llmgw__sse *sse)
{
    llmgw__buf_clear(&sse->line);
    llmgw__buf_clear(&sse->data);
    llmgw__buf_clear(&sse->event);
    llmgw__buf_clear(&sse->tail);
}

/* A byte order mark is dropped, also one cut by a read; what only looked like
 * one belongs to the first line. */
static const char *skip_mark(struct llmgw__sse *sse, const char *at,
                             const char *end)
{
    while (at < end && sse->bom < MARK_LEN && *at == mark[sse->bom]) {
        sse->bom++;
        at++;
    }
    if (at == end && sse->bom < MARK_LEN)
        return at;
    if (sse->bom < MARK_LEN)
        carry(sse, mark, sse->bom);
    sse->started = true;
    return at;
}

static const char *find(const char *at, const char *end, char byte)
{
    const char *hit = memchr(at, byte, (size_t)(end - at));

    return hit ? hit : end;
}

static const char *line_end(struct ends *ends, const char *at)
{
    if (ends->lf < at)
        ends->lf = *at == '\n' ? at : find(at, ends->end, '\n');
    if (ends->cr < at)
        ends->cr = find(at, ends->end, '\r');
    return ends->lf < ends->cr ? ends->lf : ends->cr;
}

/* CR LF is one line end, also when a read ends between the two. */
static const char *after_line(struct llmgw__sse *sse, const char *eol,
                              const char *end)
{
    if (*eol == '\n')
        return eol + 1;
    sse->after_cr = eol + 1 == end;
    return eol + 1 + (!sse->after_cr && eol[1] == '\n');
}

static void carry(struct llmgw__sse *sse, const char *data, size_t len)
{
    llmgw__buf_add(&sse->line, data, len);
    sse->pending = true;
    check(sse, &sse->line);
}

static void end_line(struct llmgw__sse *sse, const char *data, size_t len)
{
    if (sse->line.len > 0) {
        carry(sse, data, len);
        if (sse->status == LLMGW_OK)
            end_carried_line(sse);
    } else if (len == 0) {
        if (sse->pending)
            hand_over(sse);
    } else if (sse->limit && len > sse->limit) {
        sse->status = LLMGW_E_LIMIT;
    } else {
        if (!sse->head)
            sse->head = data;
        take_field(sse, llmgw__str_n(data, len));
    }
}

static void end_carried_line(struct llmgw__sse *sse)
{
    take_field(sse, llmgw__buf_str(&sse->line));
    if (sse->status == LLMGW_OK)
        keep_views(sse); /* the line buffer is written anew */
    llmgw__buf_reset(&sse->line);
}

/* Comments (a field without a name) and names that are not ours (id, retry)
 * are ignored. */
static void take_field(struct llmgw__sse *sse, llmgw_str line)
{
    llmgw_str value;

    sse->pending = true;
    if (is_field(line, LLMGW__LIT("data"), &value))
        take_data(sse, value);
    else if (is_field(line, LLMGW__LIT("event"), &value))
        sse->event_view = value;
    else
        keep_unframed(sse, line);
}

/* From a line on that begins a JSON value; what is too long is cut. */
static void keep_unframed(struct llmgw__sse *sse, llmgw_str line)
{
    struct llmgw__buf *tail = &sse->tail;

    if (tail->len == 0 && line.data[0] != '{' && line.data[0] != '[')
        return;
    if (line.data[0] == ':' || tail->len + line.len >= tail->limit)
        return;
    llmgw__buf_add_str(tail, line);
    llmgw__buf_add_char(tail, '\n');
    check(sse, tail);
}

/* "name", "name:value" or "name: value". */
static inline bool is_field(llmgw_str line, llmgw_str name, llmgw_str *value)
{
    size_t skip = name.len;

    if (line.len < skip || memcmp(line.data, name.data, skip) != 0)
        return false;
    if (line.len > skip) {
        if (line.data[skip] != ':')
            return false;
        skip++;
        skip += skip < line.len && line.data[skip] == ' ';
    }
    *value = llmgw__str_n(line.data + skip, line.len - skip);
    return true;
}

static void take_data(struct llmgw__sse *sse, llmgw_str value)
{
    if (sse->data_lines++ == 0) {
        sse->data_view = value;
        return;
    }
    keep_views(sse);
    llmgw__buf_add_char(&sse->data, '\n');
    llmgw__buf_add_str(&sse->data, value);
    check(sse, &sse->data);
}

/* Views of memory that is about to go are copied. */
static void keep_views(struct llmgw__sse *sse)
{
    if (sse->data_view.data) {
        llmgw__buf_add_str(&sse->data, sse->data_view);
        check(sse, &sse->data);
        sse->data_view.data = NULL;
    }
    if (sse->event_view.data) {
        llmgw__buf_reset(&sse->event);
        llmgw__buf_add_str(&sse->event, sse->event_view);
        check(sse, &sse->event);
        sse->event_view.data = NULL;
    }
}

/* The empty line: an event without any data line is none. */
static void hand_over(struct llmgw__sse *sse)
{
    struct llmgw__frame frame;
    unsigned lines = sse->data_lines;

    note_lead(sse);
    frame.kind = LLMGW__FRAME_EVENT;
    frame.event = what_is(sse->event_view, &sse->event);
    frame.data = what_is(sse->data_view, &sse->data);
    sse->data_lines = 0;
    sse->data_view.data = NULL;
    sse->event_view.data = NULL;
    if (lines)
        sse->status = sse->fn(sse->userdata, &frame);
    sse->data.len = sse->event.len = 0;
    sse->head = NULL;
    sse->pending = false;
}

/* Events of a stream look alike up to their data. What stands before it is
 * kept of one that lies in one read: a name or none, then one line of data. */
static void note_lead(struct llmgw__sse *sse)
{
    llmgw_str name = sse->event_view, data = sse->data_view;
    const char *field = sse->head;

    sse->lead_len = 0;
    if (!field || !data.data || sse->data_lines != 1 || sse->data.len ||
        sse->event.len || (size_t)(data.data - field) > sizeof sse->lead)
        return;
    if (name.data) {
        if (name.data < field || name.data - field > 7 ||
            data.data < name.data || memcmp(field, "event:", 6) != 0)
            return; /* not the first line */
        field = name.data + name.len;
        field += *field == '\r' && field[1] == '\n';
        field++;
    }
    if (data.data - field < 5 || data.data - field > 6 ||
        memcmp(field, "data:", 5) != 0)
        return; /* other lines between, or a name without its colon */
    sse->lead_len = (unsigned char)(data.data - sse->head);
    memcpy(sse->lead, sse->head, sse->lead_len);
    sse->name_len = (unsigned char)(name.data ? name.len : 0);
    sse->name_from = (unsigned char)(name.data ? name.data - sse->head : 0);
}

/* An event like the last one, whole, in one go; nothing is pending. */
static bool take_alike(struct llmgw__sse *sse, struct ends *ends,
                       const char **from)
{
    const char *at = *from + sse->lead_len, *eol, *next;
    struct llmgw__frame frame;
    struct ends ahead = *ends;

    if (sse->pending || (size_t)(ends->end - *from) <= sse->lead_len ||
        memcmp(*from, sse->lead, sse->lead_len) != 0 ||
        (*at == ' ' && at[-1] == ':')) /* the one blank is no data */
        return false;
    eol = line_end(&ahead, at);
    if (ends->end - eol >= 2 && eol[0] == '\n' && eol[1] == '\n')
        next = eol + 2;
    else if (ends->end - eol >= 4 && memcmp(eol, "\r\n\r\n", 4) == 0)
        next = eol + 4;
    else
        return false; /* not all of it is there, or there is more */
    if (sse->limit && (size_t)(eol - *from) > sse->limit)
        return false;
    frame.kind = LLMGW__FRAME_EVENT;
    frame.data = llmgw__str_n(at, (size_t)(eol - at));
    frame.event = llmgw__str_n(*from + sse->name_from, sse->name_len);
    *from = next;
    *ends = ahead;
    sse->status = sse->fn(sse->userdata, &frame);
    return true;
}

static inline llmgw_str what_is(llmgw_str view, const struct llmgw__buf *buf)
{
    return view.data ? view : llmgw__buf_str(buf);
}

static void check(struct llmgw__sse *sse, const struct llmgw__buf *buf)
{
    if (buf->status != LLMGW_OK)
        sse->status = buf->status;
}
