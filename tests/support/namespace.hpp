// SPDX-License-Identifier: Apache-2.0
// A network namespace of the test's own: getaddrinfo asks port 53 only, and nobody else's port 53 is touched.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace uncut::test {

/// Made with `ip netns add`, `lo` up; removed in the end, with its folder in /etc/netns.
/// Programs enter it by ProcessOptions::network_namespace.
class Namespace {
  public:
    /// Throws std::runtime_error if it cannot be made.
    Namespace();
    ~Namespace();
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;

    const std::string& name() const { return name_; }

    /// What programs started in it from now on see as /etc/resolv.conf.
    void set_resolver(std::string_view address) const;

    /// Runs `work` on a thread that has entered the namespace: sockets made there belong to it. What it throws, this
    /// throws.
    void inside(const std::function<void()>& work) const;

  private:
    void remove() const noexcept;

    std::string name_;
};

/// Runs `work` inside the namespace, or right here if there is none.
void within(const Namespace* where, const std::function<void()>& work);

}  // namespace uncut::test
