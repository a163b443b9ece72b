# SPDX-License-Identifier: Apache-2.0
# Reads lines "FILE:LINE:#include ..." and prints those that cross a wall. The longest entry that begins a path is the
# path's room; `may[room]` lists the rooms (or their beginnings) that it may include.
BEGIN {
    may["abi"] = "abi"
    may["abi/examples"] = "abi"
    may["module/wire"] = "abi module/wire"
    may["module/policy"] = "abi module/wire module/policy"
    may["module/exchange"] = "abi module/wire module/policy module/exchange"
    may["module/engine"] = "abi module/wire module/policy module/exchange module/engine"
    may["module/entry"] = "abi module"
    may["harness/net"] = "abi harness/net"
    may["harness/host"] = "abi harness/net harness/host"
    may["harness/log"] = "harness/log"
    may["harness/assets"] = "harness/assets"
    may["harness/upstream"] = "harness/net harness/log harness/upstream"
    may["harness/message"] = "abi harness/log harness/upstream/name.hpp harness/upstream/ldns_handles.hpp harness/message"
    may["harness/journal"] = "abi harness/net harness/journal"
    may["harness/server"] = "abi harness/net harness/log harness/host harness/journal harness/server"
    may["harness/probe"] = "abi harness/net harness/host harness/message harness/upstream harness/probe"
    may["harness/admin"] = "abi harness/net harness/log harness/assets harness/host harness/message harness/journal " \
                           "harness/probe harness/server harness/upstream harness/admin"
    may["harness/cli"] = "abi harness"
    may["tests/support"] = "abi tests/support"
    may["tests/unit"] = "abi module tests/support tests/unit"
    may["tests/unit/corpus"] = "abi module tests/support tests/unit fuzz/corpus"
    may["tests/harness"] = "abi harness tests/support tests/harness"
    may["tests/abi"] = "abi tests/support tests/abi"
    may["tests/admin"] = "abi tests/support tests/admin"
    may["tests/story"] = "abi tests/support tests/story"
    may["tests/install"] = "abi tests/support tests/install"
    may["bench"] = "abi bench"
    may["fuzz"] = "abi module harness tests/support tests/unit/builder.hpp fuzz"

    # Libraries, and the rooms that may use them.
    library["boost/"] = "harness tests"
    library["fmt/"] = "harness tests"
    library["spdlog/"] = "harness/log"
    library["CLI/"] = "harness/cli"
    library["ldns/"] = "harness/upstream harness/message harness/probe harness/admin harness/cli tests bench"
    library["prometheus/"] = "harness/admin"
    library["catch2/"] = "tests/support"
    library["benchmark/"] = "bench"

    # A minute each under a sanitizer: how many files may include them, all of them .cpp.
    scarce["boost/asio"] = 3
    scarce["boost/beast"] = 3
    scarce["CLI/"] = 2

    # The module stands on libc and the standard library alone.
    system_folders = "sys netinet arpa net linux bits"
    # No clock, socket, thread, global or source of randomness left of the engine: time and entropy are arguments.
    pure_rooms = "module/wire module/policy module/exchange"
    impure = "thread chrono random ctime time.h future iostream fstream unistd.h poll.h dlfcn.h pthread.h fcntl.h"
}

function begins(path, start) { return substr(path, 1, length(start)) == start }
function within(path, room) { return path == room || begins(path, room "/") }
function listed(word, list) { return index(" " list " ", " " word " ") > 0 }
function room_of(path,    room, best) {
    best = ""
    for (room in may) if (within(path, room) && length(room) > length(best)) best = room
    return best
}
function any_within(path, rooms,    i, n, list) {
    n = split(rooms, list, " ")
    for (i = 1; i <= n; ++i) if (within(path, list[i])) return 1
    return 0
}
function fault(why) { printf "%s:%d: includes %s: %s\n", file, line, target, why }

{
    file = $0; sub(/:.*/, "", file)
    rest = substr($0, length(file) + 2)
    line = rest + 0
    quoted = rest ~ /include[ \t]*"/
    target = rest
    sub(/^[^"<]*["<]/, "", target)
    sub(/[">].*/, "", target)
    room = room_of(file)
    if (room == "") { fault("the file is in no room that tests/checks/walls.awk knows"); next }
    if (target ~ /(^|\/)\.\.?\//) { fault("a path with dots; includes are rooted at the repository"); next }

    goal = ""
    if (target == "uncut.h" || begins(target, "uncut/")) goal = "abi/" target
    else if (target ~ /^(abi|module|harness|tests|bench|fuzz)\//) goal = target
    else if (room == "abi" && quoted) goal = "abi/uncut/" target
    if (goal != "") {
        if (!any_within(goal, may[room])) fault(room " may include only " may[room])
        next
    }
    if (quoted) { fault("not rooted at the repository"); next }

    if (room == "abi" && target != "stddef.h" && target != "stdint.h")
        fault("the contract needs only stddef.h and stdint.h")
    for (name in library)
        if (begins(target, name) && !any_within(file, library[name])) fault(name " belongs to " library[name])
    for (name in scarce) if (begins(target, name)) {
        if (file !~ /\.cpp$/) fault(name " in a header is compiled everywhere")
        if (!seen[name, file]++ && ++count[name] > scarce[name])
            fault(name " is in more than " scarce[name] " files; each costs a minute to compile")
    }
    folder = target
    if (sub(/\/.*/, "", folder) && begins(room, "module/") && !listed(folder, system_folders))
        fault("the module stands on libc and libstdc++ alone")
    if (listed(room, pure_rooms) && (listed(target, impure) || (index(target, "/") && listed(folder, system_folders))))
        fault(room " does no I/O, and is told the time and given its entropy")
}
