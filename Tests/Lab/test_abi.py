"""libsynprobe.so from C: what synprobe.h promises, by a client of it, plain, under AddressSanitizer and under valgrind."""
import json
import pathlib
import re
import shutil
import subprocess

import jsonschema
import lab
import pytest

TARGET = "192.0.2.2:8080"
CASES = ["ping", "verify", "identify", "trace", "errors", "cancel", "threads", "signals", "interrupt", "fork", "forks", "exit"]
PING = json.loads((lab.HERE / "golden/ping.schema.json").read_text())
IDENTIFY = json.loads((lab.HERE / "golden/identify.schema.json").read_text())
TRACE = json.loads((lab.HERE / "golden/trace.schema.json").read_text())
VERIFY = json.loads((lab.HERE / "golden/verify.schema.json").read_text())
SOURCE = lab.HERE / "abi_client.c"


@pytest.fixture(scope="session")
def library():
    """The folder of libsynprobe.so and synprobe.h."""
    done = lab.sh([str(lab.ROOT / "scripts/library")], timeout=900)
    return lab.ROOT / done.stdout.splitlines()[-1].rsplit("/", 1)[0]


def compiled(library, folder, *flags, compiler="cc"):
    program = folder / "abi_client"
    lab.sh([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-pthread", *flags, f"-I{library}", "-o", str(program), str(SOURCE),
            f"-L{library}", "-lsynprobe", f"-Wl,-rpath,{library}"])
    return program


@pytest.fixture(scope="session")
def program(library, tmp_path_factory):
    return compiled(library, tmp_path_factory.mktemp("abi"), "-O2")


@pytest.fixture(autouse=True)
def listeners(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("peer").listen("192.0.2.2/8080", *(f"192.0.2.2/{port}" for port in range(9000, 9016)))


def run(client, *command, **options):
    done = client.run(*map(str, command), check=False, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


@pytest.mark.parametrize("case", CASES)
def test_a_c_program_finds_what_the_header_promises(client, program, case):
    done = run(client, program, case, TARGET)
    if case in ("ping", "cancel"):
        report = json.loads(done.stdout)
        jsonschema.validate(report, PING)
        lab.check_identity(report)
        assert report["outcomes"]["cancelled"] == (0 if case == "ping" else report["outcomes"]["cancelled"])
    if case == "verify":
        report = json.loads(done.stdout)
        jsonschema.validate(report, VERIFY)
        assert report["verdict"] == "confirmed" and report["target"]["input"] == "the web"
    if case == "identify":
        report = json.loads(done.stdout)
        jsonschema.validate(report, IDENTIFY)
        assert report["verdict"] == "unexplained" and "nothing differs from the baseline" in report["reason"]
    if case == "trace":
        report = json.loads(done.stdout)
        jsonschema.validate(report, TRACE)
        assert report["reached"] and len(report["paths"]) == 2 and report["target"]["input"] == "the web"
    if case == "signals":
        masks = [int(mask, 16) for mask in re.findall(r"SigBlk:\s+([0-9a-f]+)", done.stdout)]
        # All but SIGKILL, SIGSTOP and the two that glibc keeps for itself.
        assert sorted(mask | 0x1_8004_0100 for mask in masks)[-1] == 2**64 - 1
        assert min(masks) == 0  # The caller's own thread.


@pytest.mark.parametrize("case", CASES)
def test_the_client_is_clean_under_addresssanitizer(client, library, tmp_path_factory, case):
    folder = tmp_path_factory.getbasetemp() / "asan"
    if not folder.exists():
        folder.mkdir()
        # The compiler beside Swift's: the run-time library of an older one keeps its allocator's locks over a fork (LLVM 17 does not).
        clang = pathlib.Path(shutil.which("swift")).resolve().with_name("clang")
        compiled(library, folder, "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", compiler=str(clang))
    # What a process leaves behind that exits with a handle, or forks, is not lost to it.
    leaks = 0 if case in ("exit", "fork", "forks") else 1
    run(client, "env", f"ASAN_OPTIONS=detect_leaks={leaks}", folder / "abi_client", case, TARGET)


@pytest.mark.parametrize("case", ["ping", "verify", "trace", "errors", "cancel"])
def test_the_client_is_clean_under_valgrind(client, program, case):
    assert shutil.which("valgrind"), "scripts/install test brings it"
    # Reading a baseline takes so many generic types that their descriptions no longer fit into the run-time library's first,
    # zeroed block; in the next it compares a field's offset before it writes it (assignUnlessEqual in Metadata.cpp), and what
    # happens to be equal stays undefined to valgrind.
    options = ["--undef-value-errors=no"] if case == "verify" else []
    done = run(client, "valgrind", "-q", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite", *options,
               program, case, TARGET, timeout=120)
    assert "definitely lost" not in done.stderr


def test_the_header_is_that_of_c_and_of_cplusplus(library, tmp_path):
    for compiler, standard in ("cc", "c99"), ("cc", "c17"), ("c++", "c++11"), ("c++", "c++20"):
        language = "c++" if compiler == "c++" else "c"
        lab.sh([compiler, f"-std={standard}", "-x", language, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                str(library / "synprobe.h")])


def test_it_exports_its_functions_and_nothing_else(library):
    symbols = lab.sh(["nm", "-D", "--defined-only", str(library / "libsynprobe.so")]).stdout.splitlines()
    exported = [line.split()[2].split("@")[0] for line in symbols if line.split()[1].isupper() and line.split()[1] != "A"]
    declared = re.findall(r"^\w[\w *]*\b(synprobe_\w+)\(", (library / "synprobe.h").read_text(), re.M)
    assert sorted(exported) == sorted(declared) and len(declared) > 8


def test_it_needs_no_library_of_swifts(library):
    needed = lab.sh(["ldd", str(library / "libsynprobe.so")]).stdout
    assert "swift" not in needed.lower() and "Foundation" not in needed and "not found" not in needed


LOAD = """
import ctypes, _ctypes, sys
threads = lambda: int([line for line in open("/proc/self/status") if line.startswith("Threads")][0].split()[1])
for turn in range(20):
    library = ctypes.CDLL(sys.argv[1])
    assert threads() == 1
    if turn % 2:
        handle = ctypes.c_void_p()
        assert library.synprobe_create(None, ctypes.byref(handle), None, ctypes.c_size_t(0)) == 0
        assert threads() == 2
        library.synprobe_destroy(handle)
        assert threads() == 1
    _ctypes.dlclose(library._handle)
"""


def test_it_loads_and_unloads_used_and_unused(client, library):
    run(client, lab.PYTHON, "-c", LOAD, library / "libsynprobe.so")


def test_without_the_capability_syn_is_refused_and_auto_takes_connect(client, library):
    code = f"""
import ctypes
library = ctypes.CDLL("{library}/libsynprobe.so")
handle, message = ctypes.c_void_p(), ctypes.create_string_buffer(1000)
class Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("mode", ctypes.c_int32)]
print(library.synprobe_create(ctypes.byref(Options(8, 1)), ctypes.byref(handle), message, ctypes.c_size_t(1000)), message.value)
print(library.synprobe_create(ctypes.byref(Options(8, 0)), ctypes.byref(handle), message, ctypes.c_size_t(1000)),
      library.synprobe_mode(handle))
"""
    done = run(client, "setpriv", "--reuid", "65534", "--bounding-set=-all", "--inh-caps=-all", lab.PYTHON, "-c", code)
    first, second = done.stdout.splitlines()
    assert first.startswith("-2 ") and "CAP_NET_RAW" in first and "cap-add NET_RAW" in first
    assert second == "0 2"


def test_it_works_without_a_place_to_wake_up(client, program):
    """No descriptor left: an error with its reason, and no crash."""
    done = client.run("prlimit", "--nofile=6", str(program), "ping", TARGET, check=False)
    assert done.returncode == 1 and "Too many open files" in done.stderr, done.stderr
