"""The command `rehearsal` of gdb, and pretty printers for the types of Rehearsal.

A program of Rehearsal contains this file, from which gdb loads it (README.md). The commands call
functions of the program. The printers only read memory, which may hold anything: they print what
cannot be read in angle brackets."""

import contextlib
import datetime
import re

import gdb
import gdb.printing

MOST_SHOWN = 60  # bytes of data, as in traces
MOST_TEXT = 4096  # bytes of a name, a path or another text
MOST_LINKS = 100  # deviations of a schedule, ancestors of a task


class Rehearsal(gdb.Command):
    """Show the simulated run that is stopped: its tasks, its sockets, its events.

"rehearsal tasks" lists the tasks of all hosts, "rehearsal sockets" their sockets, and
"rehearsal events" what is about to happen. "rehearsal events N" lists the last N events of a run
that was started with --gdb or REHEARSAL_GDB=1. They call functions of the program, so they need a
running process. They do not change the run."""

    def __init__(self):
        super().__init__("rehearsal", gdb.COMMAND_STATUS, gdb.COMPLETE_NONE, True)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError(f"rehearsal: unknown subcommand '{argument.split()[0]}'; "
                               "try: help rehearsal")
        gdb.execute("help rehearsal", from_tty)


class Tasks(gdb.Command):
    """List the tasks of all hosts: what each one waits for, and where.

Usage: rehearsal tasks"""

    def __init__(self):
        super().__init__("rehearsal tasks", gdb.COMMAND_STATUS, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        refuse("tasks", argument)
        show("rehearsal_tasks")


class Sockets(gdb.Command):
    """List the sockets of all hosts, with state, queues and addresses, as ss(8) does.

Usage: rehearsal sockets"""

    def __init__(self):
        super().__init__("rehearsal sockets", gdb.COMMAND_STATUS, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        refuse("sockets", argument)
        show("rehearsal_sockets")


class Events(gdb.Command):
    """List what is about to happen, in order of virtual time; or the last N events of the run.

Usage: rehearsal events [N]"""

    def __init__(self):
        super().__init__("rehearsal events", gdb.COMMAND_STATUS, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        argument = argument.strip()
        if argument and not re.fullmatch(r"0*[1-9][0-9]{0,17}", argument):
            raise gdb.GdbError(f"rehearsal events: '{argument}' is not a whole number from 1")
        show("rehearsal_events", int(argument or 0))


def refuse(command, argument):
    if argument:
        raise gdb.GdbError(f"rehearsal {command}: unexpected argument '{argument}'")


def show(function, *arguments):
    """Prints what `function` of the program returns."""
    try:
        gdb.write(call(function, *arguments) or "no simulated run in this process\n")
    except gdb.error as error:
        raise gdb.GdbError(f"rehearsal: {str(error).splitlines()[0]}") from None


def call(function, *arguments):
    """Returns the text that `function` returns on the first thread that has a simulated run: the
    selected one, or another one, as while a thread of a guest runs. None if there is none."""
    thread = gdb.selected_thread()
    if thread is None:
        return None
    connection = getattr(gdb.selected_inferior(), "connection", None)
    if connection is not None and connection.type == "core":
        raise gdb.GdbError("rehearsal: a core file has no running process; replay the run in gdb")
    frame = gdb.selected_frame()
    types = ", ".join("unsigned long" for _ in arguments)
    called = f"((const char *(*)({types or 'void'})) {function})({', '.join(map(str, arguments))})"
    with undisturbed():
        try:
            others = sorted(gdb.selected_inferior().threads(), key=lambda one: one.num)
            for one in [thread] + [other for other in others if other.num != thread.num]:
                one.switch()
                text = gdb.parse_and_eval(called)
                if int(text) != 0:
                    return text.string(errors="replace")
        finally:
            thread.switch()
            if frame.is_valid():
                frame.select()
    return None


@contextlib.contextmanager
def undisturbed():
    """Lets a function be called without a stop, and without a step of another thread."""
    settings = {"scheduler-locking": "on", "unwindonsignal": "on"}
    before = {name: gdb.parameter(name) for name in settings}
    enabled = [one for one in gdb.breakpoints() or () if one.enabled]
    try:
        for one in enabled:
            one.enabled = False
        for name, value in settings.items():
            gdb.execute(f"set {name} {value}", to_string=True)
        yield
    finally:
        for name, value in before.items():
            text = {True: "on", False: "off"}.get(value, value)
            gdb.execute(f"set {name} {text}", to_string=True)
        for one in enabled:
            one.enabled = True


# Texts of values. Each function reads a value, and may raise what reading() turns into text.


def number(value):
    return int(value)


def string(value):
    """Returns a std::string."""
    size = min(number(value["_M_string_length"]), MOST_TEXT)
    data = value["_M_dataplus"]["_M_p"]
    return bytes(gdb.selected_inferior().read_memory(number(data), size)).decode(errors="replace")


def c_string(pointer):
    return pointer.string(errors="replace", length=-1) if number(pointer) else ""


def enumerator(value):
    return str(value).rsplit("::", 1)[-1]


def escaped(name):
    """Returns a name as a schedule has it."""
    return re.sub(r"[\x00-\x20\x7f=%']", lambda found: f"%{ord(found.group()):02X}", name)


def duration(nanoseconds):
    units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "us"), (1, "ns")]
    size, unit = next(one for one in units if abs(nanoseconds) >= one[0] or one[0] == 1)
    whole, rest = divmod(abs(nanoseconds), size)
    fraction = f"{rest:0{len(str(size)) - 1}}".rstrip("0") if rest else ""
    return f"{'-' if nanoseconds < 0 else ''}{whole}{'.' if fraction else ''}{fraction} {unit}"


def count_of(value):
    """Returns the nanoseconds of a time point."""
    return number(value["__d"]["__r"])


def instant(value):
    count = count_of(value)
    return "never" if count == 2**63 - 1 else duration(count)


def wall_time(value):
    seconds, rest = divmod(count_of(value), 1_000_000_000)
    date = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{date.isoformat(' ')}.{rest:09} UTC"


def endpoint(value):
    family = enumerator(value["family_"])
    if family == "unix_socket":
        name = string(value["name_"]["_M_ptr"].dereference())
        return "unix:" + ("@" + name[1:] if name.startswith("\0") else name)
    part = value["bytes_"]["_M_elems"]
    numbers = [number(part[i]) for i in range(16)]
    port = number(value["port_"])
    if family == "ipv4":
        return f"{'.'.join(map(str, numbers[:4]))}:{port}"
    import ipaddress  # pylint: disable=import-outside-toplevel
    scope = number(value["scope_"])
    return f"[{ipaddress.IPv6Address(bytes(numbers))}{f'%{scope}' if scope else ''}]:{port}"


def address(value):
    host = string(value["host_"])
    port = number(value["port_"])
    return host if host.startswith("unix:") else f"[{host}]:{port}" if ":" in host else \
        f"{host}:{port}"


def data(value):
    """Returns a span of bytes as a trace shows data."""
    size = number(value["_M_extent"]["_M_extent_value"])
    shown = min(size, MOST_SHOWN)
    start = number(value["_M_ptr"])
    read = bytes(gdb.selected_inferior().read_memory(start, shown)) if shown else b""
    text = read.decode("ascii", errors="replace")
    names = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
    if all(" " <= one < "\x7f" or one in "\n\r\t" for one in text):
        text = '"' + "".join(names.get(one, one) for one in text) + '"'
    else:
        shown = min(shown, MOST_SHOWN // 3)
        text = "hex" + "".join(f" {byte:02x}" for byte in read[:shown])
    return text if shown == size else f"{text}... ({size:,} bytes)"


def place(where):
    """Returns "file.cpp:12" of a std::source_location, or nothing if its line is 0."""
    pointer = where["_M_impl"]
    line = number(pointer["_M_line"]) if number(pointer) else 0
    return f"{c_string(pointer['_M_file_name']).rsplit('/', 1)[-1]}:{line}" if line else ""


def awaits(frame):
    """Returns the lines of the co_await of a frame (PromiseBase) and of those that await it."""
    places = []
    while number(frame) and len(places) < MOST_LINKS:
        places.append(place(frame["where_"]))
        frame = frame["parent_"]
    return " < ".join(filter(None, places))


def path(record):
    """Returns the path of a task, as TaskRecord::path() does."""
    names = []
    task = record.address
    while number(task) and len(names) < MOST_LINKS:
        bits = number(task["name_"]["bits_"])
        names.append(str(bits >> 1) if bits & 1 else c_string(
            gdb.Value(bits).cast(gdb.lookup_type("char").pointer())) if bits else "")
        task = task["parent_"]
    prefix = string(record["executor_"]["options_"]["path"])
    return "/".join(([prefix] if prefix else []) + names[::-1])


def task_record(value):
    state = enumerator(value["state_"])
    text = f"{path(value)}, {state} since {instant(value['since_'])}"
    lines = awaits(value["leaf_"]) if state != "done" else ""
    return f"{text}, at {lines}" if lines else text


def reference(value):
    record = value["record_"]
    return task_record(record.dereference()) if number(record) else "no task"


def frame_text(value):
    """Returns where a coroutine is suspended, of its promise."""
    record = value["record_"]
    if not number(record):
        return "not started"
    frame = value.address.cast(value["parent_"].type)  # a PromiseBase
    return f"frame of {path(record.dereference())}, at {awaits(frame)}"


def task(value):
    promise = value["promise_"]
    return frame_text(promise.dereference()) if number(promise) else "empty"


def handle(value):
    descriptor = number(value["descriptor"])
    return "no socket" if descriptor < 0 else f"socket {descriptor}"


def socket(value):
    text = handle(value["handle_"])
    try:
        return f"{text} to {endpoint(value['peer_'])}"
    except gdb.error:  # not a stream
        return text


def result(value):
    error = value["error_"]
    if number(error):
        return f"error {enumerator(error)}"
    try:
        return value["value_"].format_string()
    except gdb.error:
        return "ok"


def coordinate(value):
    return f"{enumerator(value['site'])}/{escaped(string(value['entity']))}/" \
           f"{number(value['ordinal'])}"


def deviation(value):
    return f"{coordinate(value['at'])}={number(value['value'])}"


def schedule(value):
    vector = value["deviations"]["_M_impl"]
    first, last = vector["_M_start"], vector["_M_finish"]
    size = max(number(last - first), 0)
    words = [escaped(string(value["scenario"])), f"data={number(value['data_seed'])}"]
    words += [deviation((first + i).dereference()) for i in range(min(size, MOST_LINKS))]
    return " ".join(words + ([f"... ({size:,} deviations)"] if size > MOST_LINKS else []))


def choice(value):
    outcome = number(value["value_"])
    return f"outcome {outcome}" if outcome else "outcome 0, the default"


def trace_event(value):
    words = [duration(count_of(value["t"])), string(value["task"]) or string(value["host"]),
             string(value["other_op"]) or enumerator(value["op"]), string(value["handle"]),
             string(value["error"]), string(value["at"])]
    return " ".join(filter(None, words))


def run_event(value):
    return f"{duration(count_of(value['at']))} {enumerator(value['op'])} of host " \
           f"{number(value['host'])}"


def world(value):
    vector = value["hosts_"]["_M_impl"]
    return f"world at {instant(value['now_'])}, " \
           f"{number(vector['_M_finish'] - vector['_M_start'])} hosts"


def host(value):
    return f"host {string(value['scheduler_']['options_']['path'])}"


def simulated_host(value):
    if not value["running_"]:
        return "host that does not run"
    return host(value["program_"]["_M_payload"]["_M_payload"]["_M_value"])


class Printer:
    """Shows a value as the text that `text` makes of it."""

    def __init__(self, text, value):
        self._text = text
        self._value = value

    def to_string(self):
        try:
            value = self._value
            if value.type.strip_typedefs().code in (gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF):
                value = value.referenced_value()
            return self._text(value)
        except (gdb.error, ArithmeticError, LookupError, TypeError, ValueError) as error:
            return f"<{str(error).splitlines()[0] if str(error) else type(error).__name__}>"


NANOSECONDS = r"std::chrono::duration<long, std::ratio<1l?, 1000000000l?> ?>"
PRINTERS = [
    ("duration", NANOSECONDS, lambda value: duration(number(value["__r"]))),
    ("instant", rf"std::chrono::time_point<rehearsal::sched::SeamClock, {NANOSECONDS} ?>", instant),
    ("wall time", rf"std::chrono::time_point<std::chrono::(_V2::)?system_clock, {NANOSECONDS} ?>",
     wall_time),
    ("bytes", r"std::span<(const std::byte|std::byte( const)?), 18446744073709551615(ul?)?>", data),
    ("endpoint", r"rehearsal::sched::Endpoint", endpoint),
    ("address", r"rehearsal::sched::Address", address),
    ("result", r"rehearsal::sched::Result<.*>", result),
    ("task record", r"rehearsal::sched::TaskRecord", task_record),
    ("task reference", r"rehearsal::sched::TaskReference", reference),
    ("join handle", r"rehearsal::sched::JoinHandle<.*>", lambda value: reference(value["task_"])),
    ("task", r"rehearsal::sched::Task<.*>", task),
    ("frame", r"rehearsal::sched::Promise(Base|<.*>)", frame_text),
    ("handle", r"rehearsal::sched::Handle", handle),
    ("socket", r"rehearsal::sched::(Socket|Stream|Listener|Datagram|Signals|Inbox)<.*>", socket),
    ("host", r"rehearsal::sched::Host<.*>", host),
    ("coordinate", r"rehearsal::simnet::Coordinate", coordinate),
    ("deviation", r"rehearsal::simnet::Deviation", deviation),
    ("schedule", r"rehearsal::simnet::Schedule", schedule),
    ("choice", r"rehearsal::simnet::Choice", choice),
    ("trace event", r"rehearsal::simnet::TraceEvent", trace_event),
    ("run event", r"rehearsal::simnet::RunEvent", run_event),
    ("world", r"rehearsal::simnet::World", world),
    ("simulated host", r"rehearsal::simnet::SimulatedHost", simulated_host),
]


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("rehearsal")
    for name, pattern, text in PRINTERS:
        printers.add_printer(name, rf"^(const )?{pattern}$",
                             lambda value, text=text: Printer(text, value))
    gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)
    for command in (Rehearsal, Tasks, Sockets, Events):
        command()


register()
