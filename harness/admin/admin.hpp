// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "harness/admin/application.hpp"
#include "harness/admin/http.hpp"
#include "harness/net/address.hpp"

namespace uncut::harness {

struct AdminConfig {
    Address listen;  // port 0: any free one
    AdminServices services;
    std::string token_file;  // empty: none; any bind but loopback then refuses to start
    HttpTimeouts timeouts = {};
};

/// The admin API: HTTP on a thread of its own.
/// Thread rule: start, stop and the destructor belong to one thread; address may be called from any.
class Admin {
  public:
    /// Binds and serves, or says in one line which address or file is at fault and what was expected.
    static std::expected<std::unique_ptr<Admin>, std::string> start(AdminConfig config);

    Admin(const Admin&) = delete;
    Admin& operator=(const Admin&) = delete;
    ~Admin();  // stops

    /// Where it really listens.
    Address address() const;

    /// Closes the listener, lets responses that are being written leave, joins the thread. May be called twice.
    void stop();

  private:
    struct Impl;
    explicit Admin(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace uncut::harness
