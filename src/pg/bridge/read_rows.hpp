// Rows of a query, one at a time, straight from the executor.
#pragma once

#include <string>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// Receives rows. C++ code: may throw, must not call PostgreSQL except through call().
class RowSink {
  public:
    virtual ~RowSink() = default;
    // Values of type text are plain (detoasted, but possibly with a short header), as are those of type
    // float8[]; all live until row() returns.
    virtual void row(const Datum* values, const bool* nulls) = 0;
    // Whether row() allocates memory of PostgreSQL's, which then goes when it returns.
    virtual bool needs_row_memory() const noexcept { return false; }
};

// Runs one SELECT as the current user, with the snapshot of the running statement, and hands its rows to
// `sink`. Cancelling works inside. `sql` is our own text with quoted identifiers.
void read_rows(const std::string& sql, RowSink& sink);

// A SELECT with one parameter that is planned once and then only executed: its plan survives transactions and
// is made anew by the server whenever tables, rights or policies change.
class KeptQuery {
  public:
    KeptQuery(const std::string& sql, Oid parameter_type);
    ~KeptQuery();
    KeptQuery(const KeptQuery&) = delete;
    KeptQuery& operator=(const KeptQuery&) = delete;

    void read(Datum parameter, RowSink& sink);

  private:
    SPIPlanPtr plan_;
};

// Identifiers, quoted by the server's rules.
std::string quoted(const std::string& identifier);
std::string quoted_relation(Oid relation);  // "schema"."table"

}  // namespace personalize::pg
