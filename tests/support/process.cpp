// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/support/net.hpp"

extern char** environ;

namespace uncut::test {

namespace {

// What a program gets to end by itself once asked, before it is killed.
constexpr Milliseconds grace{5'000};

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

struct Pipe {
    Socket read;
    Socket write;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
        read = Socket(ends[0]);
        write = Socket(ends[1]);
    }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> environment_with(const std::vector<std::string>& added) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto name = text.substr(0, text.find('=') + 1);
        bool replaced = false;
        for (const auto& other : added) replaced = replaced || other.starts_with(name);
        if (!replaced) result.emplace_back(text);
    }
    result.insert(result.end(), added.begin(), added.end());
    return result;
}

int poll_one(int fd, Milliseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const auto left = std::chrono::ceil<Milliseconds>(until - std::chrono::steady_clock::now());
        pollfd one{fd, POLLIN, 0};
        const int ready = ::poll(&one, 1, static_cast<int>(std::max(left, Milliseconds{0}).count()));
        if (ready >= 0 || errno != EINTR) return ready;
    }
}

}  // namespace

struct Process::Impl {
    int pid = -1;
    Socket pidfd;
    Pipe out_pipe;
    Pipe err_pipe;
    Socket stop_reading{::eventfd(0, EFD_CLOEXEC)};
    std::thread reader;

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::string out;
    std::string err;
    bool at_end = false;
    bool reaped = false;
    int status = 0;

    void read_on();
    bool reap(Milliseconds timeout);
    void finish_reading(Milliseconds timeout);
    ~Impl();
};

// The reader's thread: gathers until both pipes are closed, or until it is told to stop because somebody whom the
// program started keeps them open.
void Process::Impl::read_on() {
    std::array<pollfd, 3> polled{
        {{out_pipe.read.fd(), POLLIN, 0}, {err_pipe.read.fd(), POLLIN, 0}, {stop_reading.fd(), POLLIN, 0}}};
    std::array<char, 65536> buffer;
    while (polled[0].fd >= 0 || polled[1].fd >= 0) {
        if (::poll(polled.data(), polled.size(), -1) < 0) continue;
        for (std::size_t i = 0; i < 2; ++i) {
            if (polled[i].fd < 0 || polled[i].revents == 0) continue;
            const auto octets = ::read(polled[i].fd, buffer.data(), buffer.size());
            if (octets < 0 && errno == EINTR) continue;
            const std::lock_guard lock(mutex);
            if (octets <= 0) {
                polled[i].fd = -1;
            } else {
                (i == 0 ? out : err).append(buffer.data(), static_cast<std::size_t>(octets));
            }
            changed.notify_all();
        }
        if (polled[2].revents != 0 && polled[0].revents == 0 && polled[1].revents == 0) break;
    }
    const std::lock_guard lock(mutex);
    at_end = true;
    changed.notify_all();
}

bool Process::Impl::reap(Milliseconds timeout) {
    if (reaped) return true;
    if (poll_one(pidfd.fd(), timeout) != 1) return false;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    reaped = true;
    return true;
}

void Process::Impl::finish_reading(Milliseconds timeout) {
    {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, timeout, [this] { return at_end; });
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_reading.fd(), &one, sizeof one);
    if (reader.joinable()) reader.join();
}

Process::Impl::~Impl() {
    if (pid > 0) {
        if (!reap(Milliseconds{0})) {
            ::kill(pid, SIGTERM);
            if (!reap(grace)) {
                ::kill(pid, SIGKILL);
                reap(grace);
            }
        }
        // It led a process group of its own: what it started and left behind is in there, and may still be writing.
        ::kill(-pid, SIGKILL);
        until([this] { return ::kill(-pid, 0) != 0; }, grace);
    }
    finish_reading(Milliseconds{0});
}

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

Process Process::start(std::vector<std::string> arguments, const ProcessOptions& options) {
    if (arguments.empty()) throw std::runtime_error("Process::start: no program");
    if (!options.network_namespace.empty()) {
        const std::vector<std::string> inside{"ip", "netns", "exec", options.network_namespace};
        arguments.insert(arguments.begin(), inside.begin(), inside.end());
    }
    const std::string program = find_program(arguments[0]);
    if (program.empty()) throw std::runtime_error(fmt::format("there is no program {}", arguments[0]));
    auto environment = environment_with(options.environment);
    const auto argv = pointers(arguments);
    const auto envp = pointers(environment);

    auto impl = std::make_unique<Impl>();
    Pipe in_pipe;
    Pipe failure;  // closed by a successful exec; else it carries errno
    const int parent = ::getpid();
    const int pid = ::fork();
    if (pid < 0) fail("fork");
    if (pid == 0) {
        // Only what is safe between fork and exec in a program with threads.
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        bool ready = ::getppid() == parent;
        ready = ready && ::dup2(in_pipe.read.fd(), 0) >= 0 && ::dup2(impl->out_pipe.write.fd(), 1) >= 0 &&
                ::dup2(impl->err_pipe.write.fd(), 2) >= 0;
        ready = ready && (options.directory.empty() || ::chdir(options.directory.c_str()) == 0);
        if (ready) ::execve(program.c_str(), argv.data(), envp.data());
        const int why = errno;
        [[maybe_unused]] const auto written = ::write(failure.write.fd(), &why, sizeof why);
        ::_exit(127);
    }
    impl->pid = pid;
    ::setpgid(pid, pid);  // as the child does: whoever comes first
    // By number: the header of glibc 2.36 forgets to say that its functions are C.
    impl->pidfd = Socket(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    impl->out_pipe.write.close();
    impl->err_pipe.write.close();
    in_pipe.read.close();
    failure.write.close();
    impl->reader = std::thread([raw = impl.get()] { raw->read_on(); });

    int why = 0;
    if (::read(failure.read.fd(), &why, sizeof why) == sizeof why) {
        errno = why;
        fail(fmt::format("cannot start {}", program));
    }
    // Under the capacity of a pipe, so it cannot block. A program that has ended already does not want it.
    if (!options.input.empty()) {
        [[maybe_unused]] const auto written = ::write(in_pipe.write.fd(), options.input.data(), options.input.size());
    }
    return Process(std::move(impl));
}

int Process::pid() const {
    return impl_->pid;
}

bool Process::running() const {
    return !impl_->reaped && poll_one(impl_->pidfd.fd(), Milliseconds{0}) == 0;
}

void Process::signal(int number) const {
    if (!impl_->reaped) ::syscall(SYS_pidfd_send_signal, impl_->pidfd.fd(), number, nullptr, 0);
}

std::string Process::out() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->out;
}

std::string Process::err() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->err;
}

bool Process::wait_for_text(std::string_view text, Milliseconds timeout) const {
    std::unique_lock lock(impl_->mutex);
    const auto has = [&] { return impl_->out.contains(text) || impl_->err.contains(text); };
    impl_->changed.wait_for(lock, timeout, [&] { return impl_->at_end || has(); });
    return has();
}

Ended Process::wait(Milliseconds timeout) {
    Ended ended;
    if (!impl_->reap(timeout)) {
        ended.timed_out = true;
        signal(SIGKILL);
        impl_->reap(grace);
    }
    impl_->finish_reading(grace);
    ended.code = WIFEXITED(impl_->status) ? WEXITSTATUS(impl_->status) : -1;
    ended.signal = WIFSIGNALED(impl_->status) ? WTERMSIG(impl_->status) : 0;
    ended.out = out();
    ended.err = err();
    return ended;
}

Ended Process::stop(Milliseconds timeout) {
    signal(SIGTERM);
    return wait(timeout);
}

Ended run(std::vector<std::string> arguments, const ProcessOptions& options, Milliseconds timeout) {
    return Process::start(std::move(arguments), options).wait(timeout);
}

std::string find_program(std::string_view name) {
    if (name.contains('/')) return std::string(::access(std::string(name).c_str(), X_OK) == 0 ? name : "");
    const char* path = std::getenv("PATH");
    const std::string folders = fmt::format("{}:/usr/local/sbin:/usr/sbin:/sbin", path == nullptr ? "/usr/bin" : path);
    std::size_t begin = 0;
    while (begin <= folders.size()) {
        const auto end = std::min(folders.find(':', begin), folders.size());
        auto candidate = fmt::format("{}/{}", folders.substr(begin, end - begin), name);
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
        begin = end + 1;
    }
    return {};
}

}  // namespace uncut::test
