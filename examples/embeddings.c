/*
 * embeddings.c - which of some texts means most nearly the same as another.
 *
 *     OPENAI_API_KEY=... build/examples/embeddings \
 *         openai/text-embedding-3-small "a small dog" "puppy" "tax return"
 *
 * The nearest text has the largest product of its vector with that of the
 * first. However many texts there are: the library asks as often as the
 * provider needs to be asked.
 */
#include <stdio.h>

#include <llmgw/llmgw.h>

static llmgw_status prepare(llmgw_request *request, int count,
                            const char *const *texts);
static int ask(llmgw_gateway *gateway, const llmgw_request *request, int count,
               const char *const *texts);

int main(int argc, char **argv)
{
    static const char *const some[] = {"a small dog", "puppy", "tax return"};
    const char *model = argc > 1 ? argv[1] : "openai/text-embedding-3-small";
    const char *const *texts = argc > 3 ? (const char *const *)argv + 2 : some;
    int count = argc > 3 ? argc - 2 : 3;
    llmgw_gateway *gateway = NULL;
    llmgw_request *request = NULL;
    llmgw_status status = llmgw_gateway_open(NULL, &gateway, NULL);
    int result = 1;

    if (status == LLMGW_OK)
        status = llmgw_request_create(model, &request);
    if (status == LLMGW_OK)
        status = prepare(request, count, texts);
    if (status == LLMGW_OK)
        result = ask(gateway, request, count, texts);
    else
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    return result;
}

static llmgw_status prepare(llmgw_request *request, int count,
                            const char *const *texts)
{
    llmgw_status status = LLMGW_OK;

    for (int i = 0; i < count && status == LLMGW_OK; i++)
        status = llmgw_request_add_input(request, llmgw_str_of(texts[i]));
    return status;
}

static float product(const float *a, const float *b, size_t dimension)
{
    float sum = 0;

    for (size_t i = 0; i < dimension; i++)
        sum += a[i] * b[i];
    return sum;
}

static int ask(llmgw_gateway *gateway, const llmgw_request *request, int count,
               const char *const *texts)
{
    llmgw_call *call;
    llmgw_status status = llmgw_embed(gateway, request, NULL, &call);
    llmgw_embeddings *vectors = llmgw_call_embeddings(call);
    size_t dimension = llmgw_embeddings_dimension(vectors);
    const float *first = llmgw_embeddings_vector(vectors, 0);

    if (status != LLMGW_OK)
        fprintf(stderr, "not asked: %s\n", llmgw_status_text(status));
    else if (!vectors)
        fprintf(stderr, "no vectors: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
    for (int i = 1; vectors && i < count; i++)
        printf("%.3f  %s\n",
               (double)product(first,
                               llmgw_embeddings_vector(vectors, (size_t)i),
                               dimension),
               texts[i]);
    llmgw_call_free(call);
    return vectors ? 0 : 1;
}
