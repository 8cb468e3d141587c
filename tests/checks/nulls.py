#!/usr/bin/env python3
"""Writes a program of the tests that calls every public function with NULL for each of its pointers in turn.

The functions are read from the public headers, so that none is forgotten. The other arguments are good ones, from
nulls.h. No call may crash or wait; one that returns an error code says MPROC_E_INVALID, but where NULL means something.

usage: nulls.py INCLUDE-DIRECTORY OUTPUT
"""
import pathlib
import re
import sys

# Where NULL means something: (function, argument), or the argument alone for all functions.
OPTIONAL = {
    "options", "user", "prefix",
    ("mproc_array_add", "ret_old"),
    ("mproc_barrier_wait", "ret_place"),
    ("mproc_connection_recv", "ret_size"),
    ("mproc_queue_get", "ret_size"),
    ("mproc_queue_get_many", "ret_sizes"),
    ("mproc_queue_join", "ret_debt"),
    ("mproc_set_executable", "path"),
    ("mproc_set_forkserver_preload", "preload"),
    ("mproc_shareable_list_free", "list"),
    ("mproc_shareable_list_create", "name"),
    ("mproc_shared_memory_free", "memory"),
    ("mproc_shared_memory_create", "name"),
    ("mproc_shared_memory_manager_free", "manager"),
    ("mproc_init", "argv"),
    ("mproc_pool_free", "pool"),
    ("mproc_process_free", "process"),
    # It returns an exit code.
    ("mproc_replay_main", "argv"),
    ("mproc_process_set_name", "name"),
    ("mproc_result_free", "result"),
    ("mproc_task_get_worker", "task"),
    ("mproc_thread_free", "thread"),
    ("mproc_wait_results", "ret_ready"),
    ("mproc_pool_get_function_stats", "ret_totals"),
    ("mproc_pool_get_worker_stats", "ret_totals"),
    # Fire and forget; the code without the value.
    ("mproc_pool_apply_async", "ret_result"),
    ("mproc_pool_try_apply_async", "ret_result"),
    ("mproc_pool_map_async", "ret_result"),
    ("mproc_pool_map_results_async", "ret_result"),
    ("mproc_pool_starmap_async", "ret_result"),
    ("mproc_pool_apply", "ret_value"),
    ("mproc_result_get", "ret_value"),
    ("mproc_result_get", "ret_size"),
    ("mproc_pool_apply", "ret_size"),
    ("mproc_iter_free", "iter"),
    ("mproc_completed_free", "completed"),
}
# Numbers that make the rest of a call good, by the argument's name.
NUMBERS = {
    "argc": "1", "type": "'c'", "count": "1", "capacity": "64", "size": "16", "in_size": "4", "out_size": "4",
    "item_size": "1", "max": "1", "parties": "2", "value": "1", "level": "MPROC_LOG_ERROR",
    "wait_for": "MPROC_WAIT_FOR_ALL", "daemon": "1",
}
# The same for one function.
CALLS = {
    ("mproc_task_fail", "code"): "-1",
    ("mproc_result_get", "capacity"): "0",
    ("mproc_pool_apply", "capacity"): "0",
    ("mproc_task_read", "size"): "4",
}
# What a good pointer is, by its type, where it is not one to zeroed memory.
POINTERS = {
    "const char *": '"text"',
    "mproc_task_fn *": "nulls_function",
    "mproc_item_fn *": "nulls_item",
    "mproc_source_fn *": "nulls_source",
    "mproc_done_fn *": "nulls_done",
    "mproc_predicate_fn *": "nulls_predicate",
    "mproc_exit_fn *": "nulls_exit",
    "mproc_pool *": "given->pool",
    "mproc_result *": "given->result",
    "mproc_iter *": "given->iter",
    "mproc_completed *": "given->completed",
    "mproc_process *": "given->process",
    "mproc_task *": "given->task",
    "mproc_thread *": "given->thread",
    "const mproc_task *": "given->task",
    "mproc_result *const *": "&given->result",
    "mproc_shared_memory *": "given->memory",
    "const mproc_shared_memory *": "given->memory",
    "mproc_shareable_list *": "given->list",
    "const mproc_shareable_list *": "given->list",
    "mproc_shared_memory_manager *": "given->manager",
    "const mproc_view *": "&given->args",
    "const mproc_process_options *": "&given->process_options",
    "const mproc_thread_options *": "&given->thread_options",
    "mproc_waitable *": "&given->waitable",
    "const mproc_os_handle *": "&given->handle",
}
# Values that the fixture holds under the name of their type.
HELD = re.compile(r"mproc_(array|lock|rlock|semaphore|condition|event|barrier|queue|connection|message)$")
# What the fixture makes only where it is asked for.
POOLED = ("mproc_pool *", "mproc_result *", "mproc_iter *", "mproc_completed *", "mproc_result *const *")

DECLARATION = re.compile(r"^(?:MPROC_API|static inline) ([^;{}()]*?[ *])(mproc_\w+)\(([^;{}]*?)\)"
                         r"(?: MPROC_PRINTF[^;]*)?\s*[;{]", re.M | re.S)


def declarations(include):
    for path in sorted((include / "mproc").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for result, name, arguments in DECLARATION.findall(re.sub(r"#define(?:[^\n]*\\\n)*[^\n]*\n", "", text)):
            yield " ".join(result.split()), name, [split(argument) for argument in arguments.split(",")]


def split(argument):
    """Type and name: "const char *" and "name"."""
    argument = " ".join(argument.split())
    match = re.match(r"(.*?[ *])(\w+)$", argument)
    return (match.group(1).strip(), match.group(2)) if match else (argument, "")


def is_pointer(kind):
    return kind.endswith("*")


def good(function, kind, name):
    if (function, name) in CALLS:
        return CALLS[function, name]
    if kind in POINTERS and not name.startswith("ret_"):
        return POINTERS[kind]
    if is_pointer(kind):
        return f"({kind.replace('const ', '')})given->memory_of[{'0' if name.startswith('ret_') else '1'}]"
    held = HELD.match(kind)
    if held:
        return "given->" + held.group(1)
    if kind.startswith("mproc_") and not name in NUMBERS:
        return f"({kind}){{ 0 }}" if kind in ("mproc_view", "mproc_view") else f"({kind})0"
    return NUMBERS.get(name, "0")


def call(function, arguments, null):
    values = ["NULL" if i == null else good(function, kind, name) for i, (kind, name) in enumerate(arguments)
              if kind != "..."]
    return f"{function}({', '.join(values)})"


def case(result, function, arguments, null):
    kind, name = arguments[null]
    may_be = name in OPTIONAL or (function, name) in OPTIONAL
    text = call(function, arguments, null)
    lines = [f'    nulls_begin(given, "{function}", "{name}");']
    if kind == "mproc_result *" and result == "int" and not may_be:
        # A result is a number in the shape of a pointer.
        lines.append(f"    CHECK_CODE({text}, MPROC_E_STALE);")
    elif result == "int" and not may_be:
        lines.append(f"    CHECK_CODE({text}, MPROC_E_INVALID);")
    elif result == "int":
        lines.append(f"    nulls_done_with(given, {text});")
    else:
        lines.append(f"    (void){text};")
    return lines


def test_of(result, function, arguments):
    nulls = [i for i, (kind, _) in enumerate(arguments) if is_pointer(kind)]
    lines = [f"static void call_{function}(struct given *given)", "{"]
    for null in nulls:
        lines += case(result, function, arguments, null)
    kinds = {kind.replace("const ", "") for kind, _ in arguments}
    inside = "mproc_task *" in kinds
    pooled = any(kind in POOLED for kind, _ in arguments)
    lines += ["}", "", f"static int child_{function}(mproc_task *task)", "{",
              f"    return nulls_run(call_{function}, task, {int(pooled)});", "}", ""] if inside else ["}", ""]
    run = f"nulls_run_inside(child_{function})" if inside else f"nulls_run(call_{function}, NULL, {int(pooled)})"
    lines += [f"static void {function}_null(void)", "{", f"    {run};", "}", ""]
    return lines


def main():
    include, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    lines, names = ['#include "nulls.h"', ""], []
    for result, function, arguments in declarations(include):
        if function.endswith("_") or not any(is_pointer(kind) for kind, _ in arguments):
            continue
        lines += test_of(result, function, arguments)
        names.append(function)
    lines += ["static const struct test tests[] = {"]
    lines += [f"    TEST_WITH({name}_null, TEST_KEEPS, 0)," for name in names]
    lines += ["};", "", "TEST_MAIN_PLAIN(tests)"]
    output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
