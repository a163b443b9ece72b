// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "harness/admin/access.hpp"
#include "harness/admin/asking.hpp"
#include "harness/admin/http.hpp"
#include "harness/admin/policy_store.hpp"
#include "harness/admin/router.hpp"
#include "harness/admin/script_store.hpp"
#include "harness/admin/switchboard.hpp"
#include "harness/journal/journal.hpp"

namespace uncut::harness {

/// What the API administers. Everything outlives the application.
struct AdminServices {
    std::shared_ptr<PolicyStore> policies;
    std::shared_ptr<Switchboard> switchboard = {};  // none: a test of something else
    std::shared_ptr<Journal> journal = {};          // none: it is off
    std::vector<Listener> listeners = {};           // of DNS
    std::shared_ptr<ScriptStore> script = {};       // none: there is no scripted upstream here
};

/// The resources of the admin API, behind its access rules. No sockets: a test calls refuse and handle.
/// Thread rule: one thread at a time, as the server has it.
class AdminApplication : public HttpApplication {
  public:
    AdminApplication(AdminServices services, AccessRules rules);

    std::optional<HttpResponse> refuse(const HttpRequest& head) override;
    HttpResponse handle(const HttpRequest& request) override;
    bool is_slow(const HttpRequest& request) override;

    const Router& router() const { return router_; }

    /// [any-thread] Where this is served, for those who ask what listens.
    void listens_at(const Address& address);

  private:
    std::optional<Address> address() const;
    HttpResponse reset(const HttpRequest& request);

    AdminServices services_;
    AccessRules rules_;
    Router router_;
    mutable std::mutex address_lock_;
    std::optional<Address> address_;
};

}  // namespace uncut::harness
