// A procedure that commits what it has done while it runs.
#pragma once

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// Between the beginning and finish() of a procedure. Objects that are alive over commit() hold no locks,
// snapshots or plans of PostgreSQL's: a commit ends those.
class ProcedureTransactions {
  public:
    explicit ProcedureTransactions(FunctionCallInfo fcinfo);

    // Whether commit() commits: not inside a transaction block, a function, or a block with an exception
    // handler.
    bool can_commit() const noexcept { return can_commit_; }
    // Commits and begins anew, or does nothing.
    void commit();
    // To be called at the end; the caller's memory is the current one afterwards. An error needs no end.
    void finish();

  private:
    MemoryContext caller_;
    bool can_commit_;
};

}  // namespace personalize::pg
