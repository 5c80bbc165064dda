// The rights of another role, for a while.
#pragma once

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// While it lives the current user is another one, restricted as in maintenance commands: code that runs then
// cannot take rights back, nor leave anything behind that would run later.
class RoleSwitch {
  public:
    explicit RoleSwitch(Oid role) {
        GetUserIdAndSecContext(&user_, &context_);
        SetUserIdAndSecContext(role, context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
    }
    ~RoleSwitch() { SetUserIdAndSecContext(user_, context_); }
    RoleSwitch(const RoleSwitch&) = delete;
    RoleSwitch& operator=(const RoleSwitch&) = delete;

  private:
    Oid user_;
    int context_;
};

}  // namespace personalize::pg
