"""tools/tidy catches each rule when it is broken, and is silent about a tree that keeps them."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "tidy")

GOOD = {
    "ARCHITECTURE.md": "`src/` `src/base/` `src/format/` `src/sink/` `include/` `include/kinesink/` `cmake/`\n",
    "cmake/rooms.cmake": "# rooms\nkinesink_room(base)\nkinesink_room(format DEPENDS base)\n"
                         "kinesink_room(sink DEPENDS format)\n",
    "CMakeLists.txt": "include(rooms)\n",
    "include/kinesink/sink.h": "// The sink.\n#pragma once\n",
    "src/base/bytes.h": "// Bytes.\n#pragma once\n",
    "src/base/bytes.cc": '#include "base/bytes.h"\n',
    "src/format/plan.h": '// The plan.\n#pragma once\n\n#include "base/bytes.h"\n',
    "src/format/plan.cc": '#include "format/plan.h"\n\nnamespace kinesink {\n\nint plan() { return 1; }\n\n}  // namespace kinesink\n',
    "src/sink/sink.cc": '#include "format/plan.h"\n#include "kinesink/sink.h"\n',
}


def function_of(lines):
    return "int long_one() {\n" + "  plan();\n" * (lines - 2) + "}\n"


class Tidy(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**GOOD, **changes}.items():
                if text is None:
                    continue
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            run = subprocess.run([sys.executable, "-B", TIDY, root], capture_output=True, text=True, check=False)
            self.assertEqual(run.stderr, "")
            lines = [line for line in run.stdout.splitlines() if not line.startswith("tidy: ")]
            self.assertEqual(run.returncode, 1 if lines else 0)
            return lines

    def assert_caught(self, rule, changes, expected_path=None):
        lines = self.findings(changes)
        path = expected_path or next(iter(changes))
        self.assertTrue(any(line.startswith(path + ":") and f": {rule}: " in line for line in lines), lines)

    def in_plan(self, line):
        return {"src/format/plan.cc": GOOD["src/format/plan.cc"] + line + "\n"}

    def test_is_silent_about_a_good_tree(self):
        self.assertEqual(self.findings({}), [])

    def test_rooms_have_one_direction(self):
        self.assert_caught("rooms", {"src/base/bytes.cc": '#include "base/bytes.h"\n#include "format/plan.h"\n'})
        self.assert_caught("rooms", {"include/kinesink/sink.h": '// S.\n#pragma once\n#include "base/bytes.h"\n'})
        self.assertEqual(self.findings({"src/sink/sink.cc": '#include "base/bytes.h"\n#include "format/plan.h"\n'
                                                            '#include "kinesink/sink.h"\n'}), [])

    def test_includes_name_files_of_the_tree_and_the_own_header_first(self):
        self.assert_caught("include", {"src/format/plan.cc": '#include "format/plan.h"\n#include "bytes.h"\n'})
        self.assert_caught("include", {"src/format/plan.cc": '#include <string>\n\n#include "format/plan.h"\n'})

    def test_foreign_headers_stay_in_their_room(self):
        for header in ("nanoarrow/nanoarrow.h", "aws/auth/auth.h", "boost/asio.hpp", "openssl/evp.h", "arrow/api.h"):
            self.assert_caught("foreign", self.in_plan(f"#include <{header}>"))
        self.assert_caught("foreign", self.in_plan('#include "nanoarrow/nanoarrow.h"'))

    def test_data_rooms_are_pure(self):
        for line in ("#include <thread>", "#include <mutex>", "#include <fstream>", "#include <sys/socket.h>",
                     "auto t = std::chrono::steady_clock::now();", "auto e = getenv(name);",
                     "std::random_device device;", "auto f = fopen(name, mode);"):
            self.assert_caught("pure", self.in_plan(line))
        self.assertEqual(self.findings(self.in_plan("// Not std::chrono::steady_clock::now(): time is an argument.")), [])

    def test_the_map_names_every_folder_and_no_other(self):
        self.assert_caught("map", {"ARCHITECTURE.md": GOOD["ARCHITECTURE.md"].replace("`src/sink/`", "")})
        self.assert_caught("map", {"ARCHITECTURE.md": GOOD["ARCHITECTURE.md"] + "`src/gone/`\n"})
        self.assert_caught("map", {"ARCHITECTURE.md": None})

    def test_dead_files_are_found(self):
        self.assert_caught("dead", {"src/base/unused.h": "// Unused.\n#pragma once\n"})
        self.assert_caught("dead", {"src/base/deep/lost.cc": "int lost;\n"})
        self.assert_caught("dead", {"cmake/forgotten.cmake": "# never included\n"})

    def test_sizes_have_limits(self):
        self.assertEqual(self.findings(self.in_plan(function_of(70))), [])
        self.assert_caught("size", self.in_plan(function_of(71)))
        self.assertEqual(self.findings({"src/sink/sink.cc": '#include "kinesink/sink.h"\n#include "format/plan.h"\n' +
                                                            "int a;\n" * 398}), [])
        self.assert_caught("size", {"src/sink/sink.cc": '#include "format/plan.h"\n' + "int a;\n" * 400})
        self.assertEqual(self.findings(self.in_plan("// " + "x" * 97)), [])
        self.assert_caught("size", self.in_plan("// " + "x" * 98))

    def test_long_functions_are_found_wherever_they_stand(self):
        body = "  plan();\n" * 75
        for head in ("Foo::Foo(int a) : a_{a}, b_(1) {", "template <typename T>\nauto f(T t) -> int {",
                     "TEST(Plan, is_long) {", "namespace x {\nclass A {\n  void g() const override {",
                     "struct B {\n  explicit B(int b) noexcept : b_(b) {"):
            closing = "}\n" * (head.count("{") - head.count("}"))
            self.assert_caught("size", self.in_plan(head + "\n" + body + closing))

    def test_size_exceptions_may_only_shrink(self):
        long = self.in_plan(function_of(80))
        listing = "tools/size_exceptions.txt"
        key = "function src/format/plan.cc long_one"
        architecture = {"ARCHITECTURE.md": GOOD["ARCHITECTURE.md"] + "`tools/` size_exceptions\n"}
        self.assertEqual(self.findings({**long, **architecture, listing: f"{key} 80\n"}), [])
        self.assert_caught("size", {**long, **architecture, listing: f"{key} 79\n"}, "src/format/plan.cc")
        self.assert_caught("size", {**long, **architecture, listing: f"{key} 81\n"}, listing)
        self.assert_caught("size", {**architecture, listing: f"{key} 80\n"}, listing)

    def test_nothing_is_a_drawer(self):
        for name in ("util", "string_helper", "common", "misc", "connection_manager", "sink_impl"):
            self.assert_caught("drawer", {f"src/base/{name}.cc": "int a;\n"})
        for name in ("StringUtil", "SinkImpl", "ConnectionManager", "HelperOfMany"):
            self.assert_caught("drawer", self.in_plan(f"class {name} {{}};"))
        self.assertEqual(self.findings(self.in_plan("class Implicit {};")), [])

    def test_a_library_neither_ends_its_host_nor_prints(self):
        for call in ("std::abort();", "exit(1);", "std::terminate();", 'printf("x");', "std::cout << 1;",
                     "std::fprintf(stderr, x);"):
            self.assert_caught("call", self.in_plan(call))
        self.assertEqual(self.findings(self.in_plan("const int n = snprintf(buffer, size, format); loop.exit();")), [])

    def test_tests_do_not_sleep(self):
        self.assert_caught("call", {"src/format/plan_test.cc": "void f() { std::this_thread::sleep_for(x); }\n"})

    def test_unfinished_work_is_found(self):
        for line in ("// TODO: later", "// TODO(now) finish", "// FIXME", "// not yet implemented"):
            rule = "word" if "implemented" in line else "todo"
            self.assert_caught(rule, self.in_plan(line))
        self.assertEqual(self.findings(self.in_plan("// TODO(perf): measure with AVX-512.")), [])

    def test_what_belongs_to_one_machine_is_found(self):
        for line in ("// see /home/someone/notes", "// https://pypi.org/simple", "// AKIAABCDEFGHIJKLMNOP"):
            self.assert_caught("word", self.in_plan(line))
        self.assertEqual(self.findings(self.in_plan("// AKIAIOSFODNN7EXAMPLE is AWS's own example.")), [])

    @unittest.skipUnless(shutil.which("clang-format-16"), "clang-format-16 is not installed")
    def test_formatting_is_checked(self):
        style = {".clang-format": "BasedOnStyle: Google\n"}
        self.assert_caught("format", {**self.in_plan("int  a;"), **style}, "src/format/plan.cc")

    def test_links_lead_somewhere(self):
        self.assert_caught("link", {"README.md": "[options](docs/options.md)\n"})
        self.assertEqual(self.findings({"README.md": "[map](ARCHITECTURE.md#rooms) [web](https://arrow.apache.org)\n"}), [])

    def test_headers_say_their_purpose(self):
        self.assert_caught("header", {"src/base/bytes.h": "#pragma once\n"})
        self.assert_caught("header", {"src/base/bytes.h": "// Bytes.\n"})

    def test_an_exception_needs_a_reason_and_a_cause(self):
        listing = "tools/tidy_exceptions.txt"
        architecture = {"ARCHITECTURE.md": GOOD["ARCHITECTURE.md"] + "`tools/` tidy_exceptions\n"}
        used = {**self.in_plan("#include <mutex>"), **architecture, listing: "pure src/format/plan.cc the reason\n"}
        self.assertEqual(self.findings(used), [])
        self.assert_caught("exception", {**architecture, listing: "pure src/format/plan.cc the reason\n"}, listing)


if __name__ == "__main__":
    unittest.main()
