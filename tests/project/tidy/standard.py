"""Checks that a name of the standard library has a header that guarantees it, included by the file
or by the files that it includes from this tree. With a precompiled header or a unity build the
compiler does not notice a missing one."""

import re

from source import includes, mask

# Header -> the names it guarantees. A name with several headers is listed under each.
PROMISED = {
    "algorithm": "adjacent_find all_of any_of binary_search clamp copy copy_backward copy_n "
    "count count_if equal fill find find_if for_each generate includes is_sorted lower_bound "
    "make_heap max max_element min min_element minmax mismatch none_of nth_element pop_heap "
    "push_heap remove remove_if replace replace_if reverse rotate set_difference sort sort_heap "
    "stable_sort transform unique upper_bound",
    "array": "array to_array",
    "atomic": "atomic atomic_ref memory_order_acquire memory_order_relaxed memory_order_release",
    "bit": "bit_cast bit_ceil bit_width countl_zero countr_zero endian has_single_bit popcount "
    "rotl",
    "cctype": "isalnum isalpha iscntrl isdigit isprint isspace tolower toupper",
    "charconv": "from_chars to_chars",
    "chrono": "chrono chrono_literals",
    "cmath": "ceil exp floor isnan llround log log2 lround pow round sqrt",
    "concepts": "constructible_from convertible_to derived_from invocable movable predicate "
    "same_as",
    "condition_variable": "condition_variable",
    "coroutine": "coroutine_handle coroutine_traits noop_coroutine suspend_always suspend_never",
    "csignal": "sig_atomic_t",
    "cstddef": "byte max_align_t nullptr_t ptrdiff_t to_integer",
    "cstdint": "int16_t int32_t int64_t int8_t intptr_t uint16_t uint32_t uint64_t uint8_t "
    "uintptr_t",
    "cstdio": "FILE fclose fflush fprintf fputs fread fseek ftell fwrite printf snprintf tmpfile",
    "cstdlib": "abort atoi exit free getenv malloc strtol strtoul",
    "cstring": "memcmp memcpy memmove memset strchr strerror strlen",
    "deque": "deque",
    "exception": "current_exception exception_ptr make_exception_ptr rethrow_exception "
    "terminate uncaught_exceptions",
    "filesystem": "filesystem",
    "fstream": "fstream ifstream ofstream",
    "functional": "cref function invoke ref reference_wrapper",
    "future": "future promise",
    "iomanip": "quoted setfill setprecision setw",
    "iostream": "cerr cin clog cout",
    "iterator": "advance back_inserter distance istreambuf_iterator make_move_iterator ssize",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "addressof allocator_traits construct_at destroy_at enable_shared_from_this "
    "make_shared make_unique make_unique_for_overwrite shared_ptr to_address unique_ptr weak_ptr",
    "mutex": "call_once lock_guard mutex once_flag scoped_lock unique_lock",
    "new": "align_val_t bad_alloc launder nothrow",
    "numeric": "accumulate gcd iota lcm midpoint reduce transform_reduce",
    "optional": "make_optional nullopt nullopt_t optional",
    "queue": "priority_queue queue",
    "regex": "regex smatch",
    "set": "multiset set",
    "source_location": "source_location",
    "span": "as_bytes as_writable_bytes span",
    "sstream": "istringstream ostringstream stringstream",
    "stdexcept": "domain_error invalid_argument length_error logic_error out_of_range "
    "runtime_error",
    "string": "stod stoi stoll stoul stoull string to_string",
    "string_view": "string_view",
    "system_error": "errc error_code error_condition generic_category make_error_code "
    "system_category system_error",
    "thread": "jthread this_thread thread",
    "tuple": "apply forward_as_tuple make_tuple tie tuple tuple_element_t tuple_size_v",
    "type_traits": "conditional_t decay_t enable_if_t invoke_result_t is_enum_v is_integral_v "
    "is_reference_v is_same_v is_void_v remove_cvref_t remove_reference_t underlying_type_t",
    "utility": "as_const cmp_less declval exchange forward in_place in_place_t index_sequence "
    "index_sequence_for make_index_sequence make_pair move pair swap unreachable",
    "variant": "get_if holds_alternative monostate variant variant_alternative_t visit",
    "vector": "vector",
}
# Additional headers that guarantee a name.
ALSO = {
    "move": {"algorithm"},  # another of that name
    "remove": {"cstdio"},  # another of that name
    "string_view": {"string"},
    "pair": {"map"},
    "ssize": {"array", "deque", "list", "map", "set", "span", "string", "string_view", "vector"},
}

_USED = re.compile(r"\bstd\s*::\s*(?:ranges\s*::\s*)?(\w+)")


def _headers():
    found = {name: set(headers) for name, headers in ALSO.items()}
    for header, names in PROMISED.items():
        for name in names.split():
            found.setdefault(name, set()).add(header)
    return found


class Headers:
    """Returns the headers from outside the tree that each file includes, directly or indirectly."""

    def __init__(self, tree):
        self._direct = {path: [name for _, name in includes(text)] for path, text in tree}
        self._all = {}

    def of(self, path):
        if path not in self._all:
            found = self._all[path] = set()  # set before the recursion: includes may be circular
            for name in self._direct[path]:
                found |= self.of(name) if name in self._direct else {name}
        return self._all[path]


_HEADERS = _headers()


def check(path, text, headers):
    included = headers.of(path)
    told = set()
    code = mask(text)
    for match in _USED.finditer(code):
        name = match.group(1)
        wanted = _HEADERS.get(name)
        if wanted and name not in told and not wanted & included:
            told.add(name)
            line = code.count("\n", 0, match.start()) + 1
            yield line, f"std::{name} needs {' or '.join(f'<{one}>' for one in sorted(wanted))}"
