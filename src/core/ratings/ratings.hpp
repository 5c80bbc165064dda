// From rows of (user, item, rating), in any order, to sparse matrices by user and by item.
#pragma once

#include <cstdint>
#include <memory>

#include "core/ratings/ids.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// What becomes of several rows for one user and item.
enum class OnDuplicate : std::uint8_t {
    sum,    // the ratings are counts
    mean,   // the ratings are opinions
    last,   // the row with the largest time; of equal times the largest rating
    error,  // InvalidInput that names the first such user and item
};

struct Ratings {
    IdList users, items;
    SparseMatrix by_user;      // users x items, value = rating
    BulkVector<double> times;  // of each entry, the latest of its rows; empty where they were not kept
    double half_life = 0;      // > 0: older ratings count less (feedback.hpp); needs times
    std::int64_t merged = 0;   // rows that went into another row for the same user and item
};

// Collects rows. Memory is claimed from the budget before it is allocated.
class RatingsBuilder {
  public:
    // with_time: add() keeps the time of each row, as OnDuplicate::last and splits by time need. With more
    // than one thread, integer ids are looked up while the caller reads the next rows; the budget is then the
    // builder's alone until finish() returns.
    RatingsBuilder(IdType user_type, IdType item_type, bool with_time, MemoryBudget& budget, int threads = 1);
    ~RatingsBuilder();

    // A row. What integer ids are refused for (MemoryLimitExceeded, InvalidInput past kMaxIds) is thrown by a
    // later call or by finish(). The rating must be finite (else InvalidInput names the user, item and
    // value); NaN is not passed in. A time that is NaN is before all others.
    void add(const Id& user, const Id& item, float rating, double time = 0);
    std::int64_t rows() const noexcept { return added_; }

    // Ends the collecting. The result depends on the set of rows, not on their order. Sums and means add in
    // double, smallest first. Throws InvalidInput (OnDuplicate::error; a sum that is no finite float), and
    // MemoryLimitExceeded. The ids, the matrix and its transpose, which training makes, and the times if they
    // are kept, stay claimed for the caller; everything else is released. Polls the host.
    Ratings finish(OnDuplicate on_duplicate, Host& host, bool keep_times = false);

  private:
    struct Rows;
    std::unique_ptr<Rows> rows_;
    std::int64_t added_ = 0;
};

}  // namespace personalize::core
