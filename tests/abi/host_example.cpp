// SPDX-License-Identifier: Apache-2.0
// abi/examples/host.c, compiled as C11, does what it says.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include <uncut_paths.hpp>

#include "tests/abi/upstream.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::abi_test;

namespace {

struct Ended {
    int status;
    std::string output;
};

// Runs the host against the upstream, which is served meanwhile.
Ended run_host(Upstream& upstream, const std::string& library, const std::string& name) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string words[] = {UNCUT_BUILD "/bin/abi_host", library, "127.0.0.1", std::to_string(upstream.port()), name};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), words[4].data(), nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, arguments[0], &actions, nullptr, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        upstream.serve();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    char buffer[4096];
    const ssize_t octets = read(ends[0], buffer, sizeof buffer);
    close(ends[0]);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(octets, 0)))};
}

}  // namespace

TEST_CASE("the smallest host gets the whole answer that its upstream truncates") {
    Upstream upstream(60);
    const Ended ended = run_host(upstream, UNCUT_SO, "www.example.com");
    CHECK(ended.status == 0);
    // Header, question, 60 addresses of 16 octets each, OPT.
    const std::size_t octets = query("www.example.com").size() + 60 * 16 + 11;
    CHECK(ended.output == std::to_string(octets) + " octets over TCP, TC 0\n");
    CHECK(upstream.udp_queries() == 1);
    CHECK(upstream.tcp_queries() == 1);
}

TEST_CASE("the smallest host says what is wrong with its module") {
    Upstream upstream(1);
    CHECK(run_host(upstream, "/dev/null", "www.example.com").status == 1);
    CHECK(run_host(upstream, UNCUT_SO, "not..a.name").status == 2);
    CHECK(upstream.udp_queries() == 0);
}
