// SPDX-License-Identifier: Apache-2.0
#include "tests/support/namespace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/support/process.hpp"

namespace uncut::test {

namespace {

std::filesystem::path folder(const std::string& name) {
    return std::filesystem::path("/etc/netns") / name;
}

void ip(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ip");
    const Ended ended = run(arguments);
    if (ended.code == 0) return;
    throw std::runtime_error(fmt::format("{}: {}", fmt::join(arguments, " "), ended.err));
}

void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

}  // namespace

Namespace::Namespace() {
    static std::atomic<unsigned> count = 0;
    name_ = fmt::format("uncut-test-{}-{}", ::getpid(), ++count);
    ip({"netns", "add", name_});
    try {
        ip({"-n", name_, "link", "set", "lo", "up"});
        // With addresses of 127.0.0.0/8 alone, glibc's AI_ADDRCONFIG asks for no address at all. 192.0.2.0/24 is for
        // documentation (RFC 5737), and here it is on lo.
        ip({"-n", name_, "address", "add", "192.0.2.1/32", "dev", "lo"});
        std::filesystem::create_directories(folder(name_));
        set_resolver("127.0.0.1");
        write(folder(name_) / "nsswitch.conf", "hosts: dns\n");
    } catch (...) {
        remove();
        throw;
    }
}

Namespace::~Namespace() {
    remove();
}

void Namespace::remove() const noexcept {
    try {
        run({"ip", "netns", "delete", name_});
    } catch (const std::exception&) {
        // There is nothing to tell it to; the name is unique, so nobody is in its way.
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder(name_), ignored);
    std::filesystem::remove(folder(name_).parent_path(), ignored);  // only if it is empty
}

void Namespace::set_resolver(std::string_view address) const {
    write(folder(name_) / "resolv.conf", fmt::format("nameserver {}\noptions timeout:5 attempts:1\n", address));
}

void Namespace::inside(const std::function<void()>& work) const {
    std::exception_ptr thrown;
    std::thread([&] {
        try {
            const auto path = fmt::format("/run/netns/{}", name_);
            const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
            const bool entered = fd >= 0 && ::setns(fd, CLONE_NEWNET) == 0;
            const int why = errno;
            if (fd >= 0) ::close(fd);
            if (!entered) throw std::runtime_error(fmt::format("cannot enter {}: {}", path, std::strerror(why)));
            work();
        } catch (...) {
            thrown = std::current_exception();
        }
    }).join();
    if (thrown) std::rethrow_exception(thrown);
}

void within(const Namespace* where, const std::function<void()>& work) {
    if (where == nullptr) {
        work();
    } else {
        where->inside(work);
    }
}

}  // namespace uncut::test
