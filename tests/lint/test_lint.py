#!/usr/bin/env python3
"""The lint notices what it is there for."""
import unittest

import csource
import functions
import includes


def measure(code):
    return list(functions.functions(csource.without_comments(code, False)))


class Functions(unittest.TestCase):
    def test_name_line_length_nesting_and_parameters_are_found(self):
        code = ('static int\n'
                'first(int a, int (*b)(int, int))\n'
                '{\n'
                '    struct pair p = {{1, 2}, 3};\n'
                '    for (;;) {\n'
                '        if (a) {\n'
                '            b((struct pair){1, 2});\n'
                '        }\n'
                '    }\n'
                '}\n'
                'void second(void)\n'
                '{\n'
                '}\n')
        self.assertEqual(measure(code), [('first', 2, 9, 3, 2),
                                         ('second', 11, 3, 1, 0)])

    def test_tables_strings_comments_and_macros_are_no_functions(self):
        code = ('#define F(x) \\\n'
                '    int x(void) { return 1; }\n'
                'static const struct row rows[] = {{"f() {", 1}};\n'
                '/* int g(void) { } */\n'
                'extern "C" {\n'
                'int h(void);\n'
                'static int i(void)\n{\n    return 1;\n}\n'
                '}\n')
        self.assertEqual([row[0] for row in measure(code)], ['i'])

    def test_tables_do_not_make_a_test_long(self):
        code = 'void f(void)\n{\n    int a[] = {\n1,\n2,\n};\n}\n'
        self.assertEqual(measure(code)[0][2], 7)
        self.assertEqual(functions.functions(code, True)[0][2], 4)

    def test_bars_are_told(self):
        told = functions.check_function('lib/x.c', 'f', 1, 81, 5, 7)
        self.assertEqual(len(told), 3)
        self.assertFalse(functions.check_function('lib/x.c', 'f', 1, 80, 4, 6))

    def test_banned_calls_are_told_members_of_that_name_are_not(self):
        self.assertEqual(
            len(functions.check_calls('lib/x.c', 'strcpy(a, b); printf("");')),
            2)
        self.assertFalse(
            functions.check_calls('lib/x.c', 'd->free(x); my_puts(x);'))
        self.assertFalse(functions.check_calls('tests/x.c', 'printf("");'))
        self.assertTrue(functions.check_calls('lib/x.c', 'free(x);'))
        self.assertFalse(functions.check_calls('lib/base/alloc.c', 'free(x);'))


class Includes(unittest.TestCase):
    def test_only_lower_floors_are_included(self):
        def own(path, name):
            return includes.check_own(path, name, {})
        self.assertFalse(own('lib/wire/x.c', 'base/text.h'))
        self.assertTrue(own('lib/wire/x.c', 'stream/gate.h'))
        self.assertTrue(own('lib/base/x.c', 'wire/sse.h'))
        self.assertTrue(own('lib/base/x.c', '../base/text.h'))

    def test_third_parties_have_their_files(self):
        self.assertFalse(includes.check_system('lib/wire/http.c',
                                               'curl/curl.h'))
        self.assertTrue(includes.check_system('lib/call/call.c',
                                              'curl/curl.h'))
        self.assertTrue(includes.check_system('lib/base/text.c',
                                              'mbedtls/md.h'))
        self.assertTrue(includes.check_system('lib/base/text.c',
                                              'openssl/evp.h'))

    def test_cycles_are_found(self):
        self.assertTrue(includes.find_cycles({'a': {'b'}, 'b': {'a'}}))
        self.assertFalse(includes.find_cycles({'a': {'b'}, 'b': set()}))

    def test_providers_are_named_in_comments_only(self):
        code = csource.without_comments('/* as OpenAI has it */ int x;')
        self.assertFalse(includes.check_names('lib/call/x.c', code))
        self.assertTrue(includes.check_names('lib/call/x.c',
                                             'if (is(name, "openai"))'))


if __name__ == '__main__':
    unittest.main()
