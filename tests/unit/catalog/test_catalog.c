/* The snapshot of what is configured: who owns it, what names stand for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/resolve.h"
#include "support/alloc.h"

static const struct llmgw__setting settings[] = {
    {"region", "eu", false},
    {"token", NULL, true},
};

static char *secret(struct llmgw__catalog *catalog, const char *text)
{
    char *copy = llmgw__arena_dup(&catalog->arena, llmgw__str(text));

    assert_non_null(copy);
    return copy;
}

/* two providers, one route that hides one of their models */
static struct llmgw__catalog *small_catalog(void)
{
    struct llmgw__catalog *catalog;
    struct llmgw__provider *providers;
    struct llmgw__route *routes;

    assert_int_equal(llmgw__catalog_create(&catalog), LLMGW_OK);
    providers = llmgw__arena_array(&catalog->arena, 2, sizeof *providers);
    routes = llmgw__arena_array(&catalog->arena, 2, sizeof *routes);
    assert_true(providers && routes);
    assert_int_equal(llmgw__manifest_builtin(&catalog->manifest), LLMGW_OK);
    providers[0].name = "work";
    providers[0].price_name = catalog->manifest.rows[0].provider;
    providers[0].settings = settings;
    providers[0].setting_count = 2;
    providers[0].api_key = secret(catalog, "sk-very-secret");
    providers[1].name = "lab";
    routes[0].name = "fast";
    routes[1].name = "lab/hidden";
    catalog->providers = providers;
    catalog->provider_count = 2;
    catalog->routes = routes;
    catalog->route_count = 2;
    catalog->limits = (struct llmgw__limits){1000, 2000, 3000, 4000, 5, 6};
    return catalog;
}

static void names_are_found_or_not(void **state)
{
    struct llmgw__catalog *catalog = small_catalog();

    (void)state;
    assert_ptr_equal(llmgw__catalog_provider(catalog, LLMGW__LIT("lab")),
                     &catalog->providers[1]);
    assert_null(llmgw__catalog_provider(catalog, LLMGW__LIT("la")));
    assert_ptr_equal(llmgw__catalog_route(catalog, LLMGW__LIT("fast")),
                     &catalog->routes[0]);
    assert_null(llmgw__catalog_route(catalog, LLMGW__LIT("")));
    assert_string_equal(
        llmgw__provider_setting(&catalog->providers[0], "region"), "eu");
    assert_null(llmgw__provider_setting(&catalog->providers[0], "zone"));
    assert_null(llmgw__provider_setting(&catalog->providers[1], "region"));
    llmgw__catalog_drop(catalog);
}

static void a_route_stands_before_a_target(void **state)
{
    struct llmgw__catalog *catalog = small_catalog();
    const struct llmgw__route *route = NULL;
    struct llmgw__arena arena;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(llmgw__catalog_resolve(catalog, LLMGW__LIT("lab/hidden"),
                                            &arena, &route),
                     LLMGW_OK);
    assert_ptr_equal(route, &catalog->routes[1]);
    llmgw__arena_clear(&arena);
    llmgw__catalog_drop(catalog);
}

static void provider_and_model_are_a_route_of_one_target(void **state)
{
    struct llmgw__catalog *catalog = small_catalog();
    const struct llmgw__price *row = &catalog->manifest.rows[0];
    const struct llmgw__route *route = NULL;
    struct llmgw__arena arena;
    char model[128] = "work/";

    (void)state;
    strncat(model, row->model, 100);
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(
        llmgw__catalog_resolve(catalog, llmgw__str(model), &arena, &route),
        LLMGW_OK);
    assert_int_equal(route->target_count, 1);
    assert_string_equal(route->name, model);
    assert_string_equal(route->targets[0].id, model);
    assert_string_equal(route->targets[0].model, row->model);
    assert_ptr_equal(route->targets[0].provider, &catalog->providers[0]);
    assert_ptr_equal(route->targets[0].price, row);
    assert_int_equal(route->limits.total_ms, 4000);
    assert_int_equal(route->limits.max_attempts, 5);
    assert_false(route->strict);

    assert_int_equal(
        llmgw__catalog_resolve(catalog, LLMGW__LIT("lab/a/b"), &arena, &route),
        LLMGW_OK);
    assert_string_equal(route->targets[0].model, "a/b");
    assert_null(route->targets[0].price); /* not in the manifest */
    llmgw__arena_clear(&arena);
    llmgw__catalog_drop(catalog);
}

static void what_stands_for_nothing_is_invalid(void **state)
{
    static const char *const models[] = {"",  "gpt", "nowhere/m", "lab/", "/m",
                                         "/", "lab", "LAB/m",     "fas"};
    struct llmgw__catalog *catalog = small_catalog();
    struct llmgw__arena arena;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        const struct llmgw__route *route = &catalog->routes[0];

        assert_int_equal(llmgw__catalog_resolve(catalog, llmgw__str(models[i]),
                                                &arena, &route),
                         LLMGW_E_INVALID);
        assert_null(route);
    }
    llmgw__arena_clear(&arena);
    llmgw__catalog_drop(catalog);
}

static void the_last_reference_overwrites_the_keys(void **state)
{
    static char key[] = "sk-very-secret";
    static char header[] = "Bearer very-secret";
    static char plain[] = "not secret";
    static const struct llmgw__setting headers[] = {
        {"authorization", header, true},
        {"x-plain", plain, false},
    };
    struct llmgw__catalog *catalog = small_catalog();

    (void)state;
    catalog->providers[1].api_key = key;
    catalog->providers[1].headers = headers;
    catalog->providers[1].header_count = 2;
    assert_ptr_equal(llmgw__catalog_ref(catalog), catalog);
    llmgw__catalog_drop(catalog);
    assert_string_equal(key, "sk-very-secret");
    llmgw__catalog_drop(catalog);
    for (size_t i = 0; i < sizeof key; i++)
        assert_int_equal(key[i], 0);
    for (size_t i = 0; i < sizeof header; i++)
        assert_int_equal(header[i], 0);
    assert_string_equal(plain, "not secret");
    llmgw__catalog_drop(NULL);
}

static void zero_limits_are_inherited(void **state)
{
    struct llmgw__limits limits = {0, 7, LLMGW_NO_LIMIT, 0, 0, 0};
    const struct llmgw__limits from = {1, 2, 3, 4, 5, 6};

    (void)state;
    llmgw__limits_inherit(&limits, &from);
    assert_int_equal(limits.connect_ms, 1);
    assert_int_equal(limits.first_ms, 7);
    assert_true(limits.gap_ms == LLMGW_NO_LIMIT);
    assert_int_equal(limits.total_ms, 4);
    assert_int_equal(limits.max_attempts, 5);
}

static llmgw_status resolve_once(const struct llmgw__catalog *catalog)
{
    const struct llmgw__route *route;
    struct llmgw__arena arena;
    llmgw_status status;

    llmgw__arena_init(&arena, 16, 0); /* a block for each piece */
    status = llmgw__catalog_resolve(catalog, LLMGW__LIT("lab/some-model"),
                                    &arena, &route);
    llmgw__arena_clear(&arena);
    return status;
}

static void resolving_survives_every_failed_allocation(void **state)
{
    struct llmgw__catalog *catalog = small_catalog();
    struct llmgw__catalog *none;
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = resolve_once(catalog);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
    fail_allocation(0);
    assert_int_equal(llmgw__catalog_create(&none), LLMGW_E_NOMEM);
    allow_allocations();
    assert_null(none);
    llmgw__catalog_drop(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_or_not),
        cmocka_unit_test(a_route_stands_before_a_target),
        cmocka_unit_test(provider_and_model_are_a_route_of_one_target),
        cmocka_unit_test(what_stands_for_nothing_is_invalid),
        cmocka_unit_test(the_last_reference_overwrites_the_keys),
        cmocka_unit_test(zero_limits_are_inherited),
        cmocka_unit_test(resolving_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
