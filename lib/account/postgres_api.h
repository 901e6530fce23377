/*
 * account/postgres_api.h - the functions of libpq that are used, loaded when a
 * server is asked for.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_API_H
#define LLMGW_ACCOUNT_POSTGRES_API_H

#include <libpq-fe.h>

#include <llmgw/base.h>

struct llmgw__postgres_api {
    int (*threadsafe)(void);
    PQconninfoOption *(*parse)(const char *url, char **error);
    void (*free_options)(PQconninfoOption *options);
    void (*free_text)(void *text);
    PGconn *(*connect_start)(const char *url);
    PostgresPollingStatusType (*connect_poll)(PGconn *conn);
    void (*finish)(PGconn *conn);
    ConnStatusType (*status)(const PGconn *conn);
    int (*socket)(const PGconn *conn);
    int (*set_nonblocking)(PGconn *conn, int on);
    int (*send_query)(PGconn *conn, const char *sql);
    int (*send_params)(PGconn *conn, const char *sql, int count,
                       const Oid *types, const char *const *values,
                       const int *lengths, const int *formats, int format);
    int (*enter_pipeline)(PGconn *conn);
    int (*pipeline_sync)(PGconn *conn);
    int (*flush)(PGconn *conn);
    int (*consume)(PGconn *conn);
    int (*is_busy)(PGconn *conn);
    PGresult *(*get_result)(PGconn *conn);
    ExecStatusType (*result_status)(const PGresult *result);
    char *(*result_field)(const PGresult *result, int field);
    void (*clear)(PGresult *result);
    int (*rows)(const PGresult *result);
    char *(*value)(const PGresult *result, int row, int column);
    int (*length)(const PGresult *result, int row, int column);
    int (*is_null)(const PGresult *result, int row, int column);
    void *library;
};

/** @param[out] missing  what is not there
 *  @retval LLMGW_E_UNSUPPORTED  it is not there, too old, or not for threads */
llmgw_status llmgw__postgres_load(struct llmgw__postgres_api *api,
                                  const char **missing);
void llmgw__postgres_unload(struct llmgw__postgres_api *api);

#endif
